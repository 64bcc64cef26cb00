// The container's start path without a container engine: assembled as the Dockerfile does, with the packages of production only.
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { install, nodeBinary, root, run, step } from './prepare.mjs';

const folder = mkdtempSync(join(tmpdir(), 'plumbline-standalone-'));
let failure;
try {
  await install();
  const node = nodeBinary();
  await step('Assembled the standalone output', () => run(process.execPath, ['scripts/standalone.mjs', folder]));
  await step('Added the packages of production', () => {
    const wanted = productionPackages();
    const added = addPackages(join(root, 'node_modules'), join(folder, 'node_modules'));
    if (added !== wanted) throw new Error(`npm ci --omit=dev would install ${wanted} packages, and ${added} are there`);
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

/** How many packages `npm ci` says that it would install; it refuses a lock that does not fit. */
function productionPackages() {
  const done = spawnSync('npm', ['ci', '--omit=dev', '--ignore-scripts', '--dry-run', '--loglevel=error'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`npm ci --omit=dev would fail: ${done.stderr}`);
  return done.stdout.split('\n').filter((line) => line.startsWith('add ')).length;
}

/** What `npm ci --omit=dev` would unpack once more, taken from where it lies unpacked: the packages that the lock keeps for production. */
function addPackages(from, to) {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  const names = Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && !dev)
    .map(([path]) => path.slice('node_modules/'.length))
    // Those for other platforms are not.
    .filter((name) => existsSync(join(from, name)));
  for (const name of names) addFolder(join(from, name), join(to, name));
  return names.length;
}

function addFolder(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    // Packages within packages have entries of their own; links are in none, but made by an earlier start.
    if (entry.isDirectory() && entry.name !== 'node_modules') addFolder(source, target);
    else if (entry.isFile()) addFile(source, target);
  }
}

function addFile(from, to) {
  try {
    linkSync(from, to);
  } catch {
    // The temporary folder may lie on another disk.
    copyFileSync(from, to);
  }
}

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
