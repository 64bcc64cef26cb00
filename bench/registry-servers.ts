import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(import.meta.dirname, '..');
/** The newest there was when the figures in the README were measured. */
export const MLFLOW_VERSION = process.env.MLFLOW_VERSION || '3.17.2';
const MLFLOW_WORKERS = '4';

export type Server = { name: string; url: string; token: string; database: string; pid: number; stop(): Promise<void> };

/** Plumbline as `npm start` starts it, with one token of an administrator. */
export async function startPlumbline(databaseUrl: string, database: string, dataDir: string): Promise<Server> {
  const port = await freePort();
  const token = `plb_${randomBytes(30).toString('base64url')}`;
  const child = spawn('node', ['scripts/start.mjs'], {
    cwd: root,
    detached: true,
    stdio: ['ignore', process.env.BENCH_VERBOSE ? 'inherit' : 'ignore', 'inherit'],
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      AUTH_SECRET: randomBytes(32).toString('hex'),
      PLUMBLINE_DATA_DIR: dataDir,
      PLUMBLINE_INIT_ADMIN_EMAIL: 'bench@example.com',
      PLUMBLINE_INIT_ADMIN_PASSWORD: randomBytes(12).toString('hex'),
      PLUMBLINE_INIT_ADMIN_TOKEN: token,
      HOST: '127.0.0.1',
      PORT: String(port),
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await answering(child, `${url}/api/ready`);
  return { name: 'Plumbline', url, token, database, pid: child.pid!, stop: () => stop(child) };
}

/** The MLflow server from PyPI with four workers on uvloop and httptools, the way its own documentation recommends. */
export async function startMlflow(
  cluster: { folder: string; user: string; password: string },
  database: string,
): Promise<Server> {
  const folder = join(root, '.cache', 'mlflow-server');
  const python = join(folder, 'bin', 'python');
  if (!existsSync(python)) sure(process.env.PYTHON || 'python3', ['-m', 'venv', folder]);
  sure(python, [
    '-m',
    'pip',
    'install',
    '-q',
    '--disable-pip-version-check',
    `mlflow==${MLFLOW_VERSION}`,
    'psycopg2-binary',
    'uvloop',
    'httptools',
  ]);
  const port = await freePort();
  const store = `postgresql+psycopg2://${cluster.user}:${cluster.password}@/${database}?host=${cluster.folder}&port=5432`;
  const listen = ['--host', '127.0.0.1', '--port', String(port), '--workers', MLFLOW_WORKERS];
  const child = spawn(
    python,
    [
      '-m',
      'mlflow',
      'server',
      '--backend-store-uri',
      store,
      '--default-artifact-root',
      's3://bench',
      ...listen,
      '--uvicorn-opts',
      '--loop uvloop --http httptools --log-level warning',
    ],
    {
      detached: true,
      stdio: [
        'ignore',
        process.env.BENCH_VERBOSE ? 'inherit' : 'ignore',
        process.env.BENCH_VERBOSE ? 'inherit' : 'ignore',
      ],
      env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', PATH: `${join(folder, 'bin')}:${process.env.PATH}` },
    },
  );
  const url = `http://127.0.0.1:${port}`;
  await answering(child, `${url}/health`);
  return { name: `MLflow ${MLFLOW_VERSION}`, url, token: '', database, pid: child.pid!, stop: () => stop(child) };
}

function sure(command: string, args: string[]): void {
  const done = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} failed`);
}

async function answering(child: ChildProcess, url: string): Promise<void> {
  for (const end = Date.now() + 300_000; Date.now() < end; await sleep(200)) {
    if (child.exitCode !== null)
      throw new Error(`the server of ${url} ended before it was ready; BENCH_VERBOSE=1 shows why`);
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new Error(`${url} was not ready in time`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  process.kill(child.pid!, 'SIGTERM');
  await ended;
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

const TICK_MS = 10;

/** CPU time so far, in ms: of the server with all its children, and of each database backend that works for it (Linux). */
export function cpuOf(server: Server): { app: number; backends: Map<number, number> } {
  const processes = readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const title = readFileSync(`/proc/${entry}/cmdline`, 'utf8');
      return [
        { pid: Number(entry), parent: Number(rest[1]), ms: (Number(rest[11]) + Number(rest[12])) * TICK_MS, title },
      ];
    } catch {
      return [];
    }
  });
  const below = (pid: number): number =>
    processes.filter(({ parent }) => parent === pid).reduce((sum, child) => sum + child.ms + below(child.pid), 0);
  const own = processes.find(({ pid }) => pid === server.pid)?.ms ?? 0;
  const backends = processes.filter(({ title }) => title.startsWith(`postgres: plumbline ${server.database} `));
  return { app: own + below(server.pid), backends: new Map(backends.map(({ pid, ms }) => [pid, ms])) };
}
