// The container's start path without a container engine: assembled as the Dockerfile does, with the packages of production only.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { install, nodeBinary, run, step } from './prepare.mjs';

const folder = mkdtempSync(join(tmpdir(), 'plumbline-standalone-'));
let failure;
try {
  await install();
  const node = nodeBinary();
  await step('Assembled the standalone output', () => run(process.execPath, ['scripts/standalone.mjs', folder]));
  await step('Installed the packages of production', () => {
    const done = spawnSync('npm', ['ci', '--omit=dev', '--ignore-scripts', '--loglevel=error'], {
      cwd: folder,
      stdio: 'inherit',
    });
    if (done.status !== 0) throw new Error('npm ci --omit=dev failed');
  });
  await step('The standalone output starts, answers and stops', () => startAndStop(node));
} catch (error) {
  failure = error;
  console.error(`Failed: ${error.message}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(failure ? '0 passed, 1 failed' : '1 passed, 0 failed');
process.exitCode = failure ? 1 : 0;

async function startAndStop(node) {
  const port = await freePort();
  const server = spawn(node, ['scripts/serve.ts'], {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, PORT: String(port), PLUMBLINE_DEMO: '0' },
  });
  const ended = new Promise((done) => server.once('exit', (code) => done(code)));
  try {
    await answers(`http://127.0.0.1:${port}/api/health`, server);
  } finally {
    server.kill('SIGTERM');
  }
  const code = await ended;
  if (code !== 0) throw new Error(`It ended with code ${code}.`);
}

async function answers(url, server) {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline && server.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error(`No answer from ${url}.`);
}

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
