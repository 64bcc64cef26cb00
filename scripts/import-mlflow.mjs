// `npm run import:mlflow`: runs the import under Node 24, whichever Node npm itself has. Fit for Node 20.
import { spawnSync } from 'node:child_process';
import { install, nodeBinary } from './prepare.mjs';

try {
  await install();
  const done = spawnSync(nodeBinary(), ['scripts/import-mlflow.ts', ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = done.status ?? 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
