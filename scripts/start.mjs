// `npm start`: from a fresh clone to a running Plumbline. Runs under the system's Node, so it needs nothing but Node 20.
import { spawn } from 'node:child_process';
import { build, install, nodeBinary } from './prepare.mjs';

try {
  await install();
  await build();
  serve();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function serve() {
  const server = spawn(nodeBinary(), ['scripts/serve.ts'], {
    // A group of its own, so that a Ctrl-C arrives once, from here, and not also from the terminal; the channel tells it when we are gone.
    detached: process.platform !== 'win32',
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => server.kill(signal));
  server.on('error', (error) => {
    console.error(`The server does not start: ${error.message}`);
    process.exitCode = 1;
  });
  server.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}
