// `npm run test:mlflow`: the real MLflow clients from PyPI, oldest and newest, against the product as a user starts it. Fit for Node 20, without packages.
// `npm run test:mlflow -- prepare` only fetches those clients, so that it can be done while something else runs.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build, install, nodeBinary, root, run, step } from './prepare.mjs';

/** The oldest and the newest client we answer for; `MLFLOW_VERSION=3.6.0` tries others. */
const versions = (process.env.MLFLOW_VERSION || '2.9.2,3.17.2').split(',');
/** The first start of a slow machine, with another build when a file changed meanwhile. */
const readyTimeoutMs = 300_000;
const windows = process.platform === 'win32';
const [token, password] = [`plb_${randomBytes(30).toString('base64url')}`, randomBytes(12).toString('hex')];

/** Whatever the environment says of it: the packages come without, and every start would compile them anew. */
const compiledOnce = { PYTHONDONTWRITEBYTECODE: '' };

let [passed, failed] = [0, 0];
let server;
/** A real MLflow server, which the import reads. */
let source;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop().then(() => process.exit(1)));
const newest = versions.at(-1);
try {
  await prepare();
  if (process.argv.includes('prepare')) process.exit();
  await install();
  await build();
  const url = await step('Started Plumbline', start);
  const username = await createUser(url);
  const from = await step('Started the MLflow server', () => startSource());
  for (const version of versions) {
    console.log(`\nMLflow ${version}`);
    const sum = await drive(version, url, username, version === newest ? from : '');
    passed += sum.passed;
    failed += sum.failed;
  }
} catch (error) {
  console.error(error.message);
  failed ||= 1;
} finally {
  await stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

async function prepare() {
  for (const version of versions) await step(`Prepared mlflow-skinny ${version}`, () => prepareClient(version));
  await step(`Prepared the MLflow server ${newest}`, () => prepareServer(newest));
}

function folderOf(version) {
  return join(root, '.cache', `mlflow-venv-${version}`);
}

function pythonOf(version) {
  return join(folderOf(version), windows ? 'Scripts/python.exe' : 'bin/python');
}

/** What `log_model` and `load_model` need beside the client; MLflow 2 knows only the pandas and setuptools of its time. */
function companions(version) {
  return version.startsWith('2.') ? ['numpy<2', 'pandas<2.2', 'setuptools<80'] : ['numpy', 'pandas'];
}

/** A virtual environment a version, which stays for the next run; it is renewed when it is broken or holds other packages. */
function prepareClient(version) {
  const [folder, python] = [folderOf(version), pythonOf(version)];
  const packages = [`mlflow-skinny==${version}`, ...companions(version)];
  const stamp = join(folder, 'plumbline-stamp');
  const works = existsSync(python) && spawnSync(python, ['-m', 'pip', '--version']).status === 0;
  if (works && existsSync(stamp) && readFileSync(stamp, 'utf8') === packages.join(' ')) return;
  if (!works) makeEnvironment(folder);
  pipInstall(python, packages);
  writeFileSync(stamp, packages.join(' '));
}

function serverFolder() {
  return join(root, '.cache', 'mlflow-server');
}

/** The whole package: the server, which the clients above come without. */
function prepareServer(version) {
  const folder = serverFolder();
  const python = join(folder, windows ? 'Scripts/python.exe' : 'bin/python');
  const stamp = join(folder, 'plumbline-stamp');
  if (existsSync(python) && existsSync(stamp) && readFileSync(stamp, 'utf8') === version) return;
  if (!existsSync(python)) makeEnvironment(folder);
  pipInstall(python, [`mlflow==${version}`]);
  writeFileSync(stamp, version);
}

/** What is never imported need not be compiled: Python does so with what is, when it is. */
function pipInstall(python, packages) {
  const options = ['--quiet', '--disable-pip-version-check', '--prefer-binary', '--no-compile'];
  run(python, ['-m', 'pip', 'install', ...options, ...packages]);
}

async function startSource() {
  const port = await freePort();
  const data = mkdtempSync(join(tmpdir(), 'plumbline-mlflow-'));
  const python = join(serverFolder(), windows ? 'Scripts/python.exe' : 'bin/python');
  const store = ['--backend-store-uri', `sqlite:///${join(data, 'mlflow.db')}`, '--default-artifact-root', data];
  const child = spawn(
    python,
    ['-m', 'mlflow', 'server', ...store, '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
    { stdio: 'ignore', detached: !windows, env: { ...process.env, ...compiledOnce, MLFLOW_DISABLE_TELEMETRY: 'true' } },
  );
  source = { child, data };
  const url = `http://127.0.0.1:${port}`;
  for (const deadline = Date.now() + readyTimeoutMs; Date.now() < deadline; await sleep(200)) {
    if (child.exitCode !== null) throw new Error('The MLflow server ended before it was ready.');
    const answer = await fetch(`${url}/health`).catch(() => undefined);
    if (answer?.ok) return url;
  }
  throw new Error('The MLflow server was not ready in time.');
}

/** With its workers, which are a group of their own. */
async function stopSource() {
  if (!source) return;
  const { child, data } = source;
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((done) => child.once('exit', done));
    if (windows) child.kill();
    else process.kill(-child.pid, 'SIGTERM');
    await ended;
  }
  rmSync(data, { recursive: true, force: true });
}

function makeEnvironment(folder) {
  const own = process.env.PYTHON || (windows ? 'python' : 'python3');
  const made = spawnSync(own, ['-m', 'venv', '--clear', folder], { encoding: 'utf8' });
  if (made.status === 0) return;
  throw new Error(
    `${own} -m venv failed: Python 3.10 to 3.12 with venv and pip is needed (on Debian and Ubuntu: apt-get install python3-venv), or name another one in PYTHON.\n${made.error?.message ?? made.stdout + made.stderr}`,
  );
}

async function start() {
  const port = await freePort();
  server = spawn(nodeBinary(), ['e2e/server.ts'], {
    stdio: 'inherit',
    // A group of its own: a Ctrl-C reaches it from here, once.
    detached: !windows,
    env: {
      ...process.env,
      HOST: '127.0.0.1',
      PORT: String(port),
      PLUMBLINE_DEMO: '0',
      PLUMBLINE_INIT_ADMIN_EMAIL: 'admin@example.com',
      PLUMBLINE_INIT_ADMIN_PASSWORD: password,
      PLUMBLINE_INIT_ADMIN_TOKEN: token,
      // The receiver of the webhook tests.
      OUTBOUND_ALLOW: '127.0.0.1',
    },
  });
  const url = `http://127.0.0.1:${port}`;
  for (const deadline = Date.now() + readyTimeoutMs; Date.now() < deadline; await sleep(100)) {
    if (server.exitCode !== null) throw new Error('Plumbline ended before it was ready.');
    const answer = await fetch(`${url}/api/ready`).catch(() => undefined);
    if (answer?.ok) return url;
  }
  throw new Error(`Plumbline was not ready within ${readyTimeoutMs / 1000} s.`);
}

function freePort() {
  return new Promise((done, fail) => {
    const probe = createServer().on('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

/** A data scientist as an administrator would make one; the tests sign in as them with the password. */
async function createUser(url) {
  const email = 'scientist@example.com';
  const answer = await fetch(`${url}/api/v1/users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ email, name: 'Scientist', roles: ['data'], password }),
  });
  if (!answer.ok) throw new Error(`The account was not made: ${answer.status} ${await answer.text()}`);
  return email;
}

async function drive(version, url, username, from) {
  const tests = spawn(pythonOf(version), [join('e2e', 'mlflow', 'run.py')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ...compiledOnce,
      PLUMBLINE_URL: url,
      MLFLOW_IMPORT_FROM: from,
      PLUMBLINE_NODE: nodeBinary(),
      PLUMBLINE_TEST_USERNAME: username,
      PLUMBLINE_TEST_PASSWORD: password,
      // The oldest client speaks to an address with a path before the protocol's, as behind a proxy.
      MLFLOW_REGISTRY_URI: version === versions[0] ? `${url}/mlflow/team-a` : url,
      MLFLOW_TRACKING_TOKEN: token,
      // A 5xx is a failure here, not something to wait four minutes for.
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0',
      MLFLOW_DISABLE_TELEMETRY: 'true',
      // Runs are kept in a folder: the client without its server brings no database.
      MLFLOW_ALLOW_FILE_STORE: 'true',
      PYTHONUTF8: '1',
      PYTHONUNBUFFERED: '1',
    },
  });
  let last = '';
  tests.stdout.on('data', (chunk) => {
    process.stdout.write(chunk);
    last = (last + chunk).slice(-1000);
  });
  await new Promise((done) => tests.on('close', done));
  const sum = /\{"passed": (\d+), "failed": (\d+)\}\s*$/.exec(last);
  if (!sum) throw new Error('The Python tests did not come to their end.');
  return { passed: Number(sum[1]), failed: Number(sum[2]) };
}

async function stop() {
  await stopSource();
  if (!server || server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((done) => server.once('exit', done));
  server.kill('SIGTERM');
  await ended;
}
