// `npm test`: everything that can be checked without another program installed. The last line is the sum.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, install, nodeBinary, step } from './prepare.mjs';

const reports = mkdtempSync(join(tmpdir(), 'plumbline-reports-'));
const report = (name) => join(reports, `${name}.json`);
const failures = [];
let [passed, failed] = [0, 0];

try {
  await install();
  const node = nodeBinary();
  const tool =
    (script, ...args) =>
    () =>
      check(node, [join('node_modules', script), ...args]);

  await step('Checked the lock', () => check(node, ['scripts/lock-platforms.mjs', '--check']));
  // The page types that tsc reads are written by Next; a stale set would hide or invent errors.
  await step('Wrote the route types', tool('next/dist/bin/next', 'typegen'));
  await step('Checked the types', tool('typescript/bin/tsc', '--noEmit'));
  await step('Checked style and format', tool('@biomejs/biome/bin/biome', 'check', '.'));
  await step(
    'Ran unit and integration tests',
    tool(
      'vitest/vitest.mjs',
      'run',
      '--config',
      'lib/vitest.config.ts',
      '--reporter=default',
      '--reporter=json',
      `--outputFile=${report('vitest')}`,
    ),
  );
  count(readReport('vitest'), ({ numPassedTests, numFailedTests }) => [numPassedTests, numFailedTests]);
  await build();
  await step('Ran browser tests', tool('@playwright/test/cli.js', 'test', '--config', 'e2e/playwright.config.ts'));
  count(readReport('playwright'), ({ stats }) => [stats.expected, stats.unexpected + stats.flaky]);
} catch (error) {
  failures.push(error.message);
} finally {
  rmSync(reports, { recursive: true, force: true });
}

for (const failure of failures) console.error(`Failed: ${failure}`);
// A check that fails without a test of its own (types, style, a run that broke off) still counts.
if (failures.length > 0 && failed === 0) failed = failures.length;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

/** Goes on after a failure: one run should tell everything that is wrong. */
function check(command, args) {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', PLUMBLINE_E2E_REPORT: report('playwright') };
  const done = spawnSync(command, args, { stdio: 'inherit', env });
  if (done.status !== 0) failures.push(args.slice(0, 2).join(' '));
}

function readReport(name) {
  try {
    return JSON.parse(readFileSync(report(name), 'utf8'));
  } catch {
    failures.push(`${name} left no report`);
    return undefined;
  }
}

function count(result, read) {
  if (!result) return;
  const [good, bad] = read(result);
  passed += good;
  failed += bad;
}
