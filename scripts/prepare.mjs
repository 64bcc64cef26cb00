// What has to be there before anything of ours can run: the packages and the build. Dependency-free, and fit for Node 20.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');
process.chdir(root);

const buildInputs = [
  'app',
  'components',
  'db',
  'lib',
  'public',
  'instrumentation.ts',
  'instrumentation-node.ts',
  'proxy.ts',
];
const settings = ['next.config.js', 'tsconfig.json', 'package.json', 'package-lock.json'];

/** One line a step, with what it took. */
export async function step(name, run) {
  const started = performance.now();
  const value = await run();
  console.log(`${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return value;
}

export async function install() {
  const stamp = 'node_modules/.plumbline-stamp';
  const wanted = hash([process.platform, process.arch, readFileSync('package-lock.json')]);
  if (read(stamp) === wanted) return;
  if (!isInstalled()) {
    await step('Installed the packages', () => {
      // npm's own entry under the Node that runs us: `npm` on the PATH may be another one, and on Windows is a script.
      const npm = process.env.npm_execpath;
      const args = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--loglevel=error'];
      run(npm ? process.execPath : 'npm', npm ? [npm, ...args] : args);
    });
  }
  writeFileSync(stamp, wanted);
}

/** True when a hand-made `npm install` already left exactly what the lock names: reinstalling would only cost the minute. */
function isInstalled() {
  const present = read('node_modules/.package-lock.json');
  if (!present) return false;
  const [have, want] = [present, readFileSync('package-lock.json', 'utf8')].map((text) => JSON.parse(text).packages);
  return Object.entries(want).every(
    ([path, entry]) => path === '' || (have[path] ? have[path].version === entry.version : entry.optional),
  );
}

export async function build() {
  const stamp = '.next/plumbline-stamp';
  const wanted = hash([process.env.PLUMBLINE_STANDALONE ?? '', ...sources()]);
  if (read(stamp) === wanted) return;
  await step('Built the pages', () => {
    const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' };
    run(nodeBinary(), ['node_modules/next/dist/bin/next', 'build'], { env, quiet: true });
  });
  writeFileSync(stamp, wanted);
}

function sources() {
  const files = buildInputs.filter(existsSync).flatMap((name) => (name.includes('.') ? [name] : filesBelow(name)));
  return [...settings, ...files].flatMap((file) => [file, readFileSync(file)]);
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** Node 24 from the packages; where none fits the platform, the one that runs us. */
export function nodeBinary() {
  const own = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(own) && spawnSync(own, ['--version']).status === 0) return own;
  if (Number(process.versions.node.split('.')[0]) < 22) {
    throw new Error(
      `Plumbline brings no Node for ${process.platform}-${process.arch}; the system's is ${process.version}, and 22 or newer is needed.`,
    );
  }
  console.log(`Using the system's Node ${process.version}.`);
  return process.execPath;
}

/** Runs to the end; what a quiet one had to say is shown when it fails. */
export function run(command, args, { env = process.env, quiet = false } = {}) {
  const done = spawnSync(command, args, { env, stdio: quiet ? 'pipe' : 'inherit', maxBuffer: 1 << 28 });
  if (done.status === 0) return;
  if (quiet) process.stderr.write(Buffer.concat([done.stdout ?? Buffer.of(), done.stderr ?? Buffer.of()]));
  throw new Error(`${[command, ...args].join(' ')} failed${done.error ? `: ${done.error.message}` : ''}`);
}

function hash(parts) {
  const sum = createHash('sha256');
  // The length keeps a file's end apart from its neighbour's beginning.
  for (const part of parts) sum.update(`${part.length}\n`).update(part);
  return sum.digest('hex');
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
