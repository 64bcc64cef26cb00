import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectOptions } from './client.ts';
import { postgres } from './driver.ts';
import { findBinaries, isRoot, unprivileged } from './embedded-binaries.ts';

export type Embedded = {
  /** The server's URL for one of its databases. */
  url(database?: string): string;
  /** Starts the server again when it is gone; does nothing while it answers. */
  ensure(): Promise<void>;
  /** Fast shutdown: open transactions are rolled back, the data is complete on disk. */
  stop(): Promise<void>;
};

export const databaseName = 'plumbline';
const user = 'plumbline';
/** The kernel's limit for a socket path is 108 bytes; some need a few for themselves. */
const longestSocketPath = 100;
/** Recovery after a power cut replays the log: minutes would be a broken disk, half a minute can be honest work. */
const startTimeoutMs = 60_000;
const stopTimeoutMs = 15_000;

/** The Postgres server in the data folder: made on first use, adopted when a killed application left it running. */
export async function openEmbedded(dataDir: string, settings: Record<string, string> = {}): Promise<Embedded> {
  const home = resolve(dataDir);
  const cluster = join(home, 'postgres');
  mkdirSync(home, { recursive: true, mode: 0o755 });
  const password = keepSecret(join(home, 'postgres-password'));
  const socketPath = join(cluster, '.s.PGSQL.5432');
  const bySocket = process.platform !== 'win32' && socketPath.length < longestSocketPath;
  let child: ChildProcess | undefined;

  const url = (database = databaseName) => {
    const host = bySocket ? `${encodeURIComponent(cluster)}:5432` : `127.0.0.1:${postmaster(cluster)?.port ?? 5432}`;
    return `postgres://${user}:${password}@${host}/${database}`;
  };

  async function ensure(): Promise<void> {
    const deadline = Date.now() + startTimeoutMs;
    let starts = 0;
    while (Date.now() < deadline) {
      // An answer first: a server may be left over from a killed application, or be somebody's who starts at this moment.
      const answer = await ask(url('postgres'), databaseName);
      if (answer === 'ready') return;
      if (!child || child.exitCode !== null || child.signalCode !== null) {
        if (starts === 3) throw new Error(`The embedded Postgres does not start:\n${logTail(home)}`);
        // A predecessor that is shutting down still holds the folder: give it a moment between attempts.
        if (starts > 0) await sleep(1_000);
        starts += 1;
        child = await launch(home, cluster, bySocket, settings);
      }
      await sleep(30);
    }
    throw new Error(`The embedded Postgres did not answer within ${startTimeoutMs / 1000} s:\n${logTail(home)}`);
  }

  async function stop(): Promise<void> {
    const running = postmaster(cluster);
    if (!running) return;
    if (process.platform === 'win32')
      spawnSync(join(findBinaries(), 'bin', 'pg_ctl'), ['stop', '-m', 'fast', '-D', cluster]);
    else if (!signal(running.pid, 'SIGINT')) return;
    const deadline = Date.now() + stopTimeoutMs;
    // The file, not the process: an adopted one may linger as a zombie that nobody reaps.
    while (postmaster(cluster) && Date.now() < deadline) await sleep(20);
  }

  if (!existsSync(cluster)) initialise(cluster, password, home);
  await ensure();
  return { url, ensure, stop };
}

/** A secret of the installation, made once, readable by the application's user only. */
export function keepSecret(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
  return readFileSync(file, 'utf8').trim();
}

function initialise(cluster: string, password: string, home: string): void {
  // Made beside its place and moved when complete: a power cut in between leaves no half cluster to be taken for a whole one.
  const draft = `${cluster}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  const errand = mkdtempSync(join(tmpdir(), 'plumbline-'));
  const passwordFile = join(errand, 'password');
  writeFileSync(passwordFile, password, { mode: 0o400 });
  if (isRoot) for (const path of [draft, errand, passwordFile]) chownSync(path, unprivileged.uid, unprivileged.gid);
  const run = runIn(draft);
  try {
    const made = spawnSync(
      join(findBinaries(), 'bin', 'initdb'),
      // The built-in locale is the same on every platform, so that text sorts alike and the folder can move.
      [
        '-D',
        run.path,
        '-U',
        user,
        '-A',
        'scram-sha-256',
        `--pwfile=${passwordFile}`,
        '-E',
        'UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
      ],
      { ...run.identity, stdio: ['ignore', 'pipe', 'pipe', ...run.fds], cwd: '/' },
    );
    if (made.status !== 0)
      throw new Error(`The embedded Postgres could not be set up in ${home}:\n${made.error?.message ?? made.stderr}`);
    renameSync(draft, cluster);
  } finally {
    run.close();
    rmSync(errand, { recursive: true, force: true });
  }
}

async function launch(
  home: string,
  cluster: string,
  bySocket: boolean,
  settings: Record<string, string>,
): Promise<ChildProcess> {
  const port = bySocket ? 5432 : await freePort();
  const options = {
    listen_addresses: bySocket ? '' : '127.0.0.1',
    // Relative to the data folder, whose full path the unprivileged user may be unable to walk.
    unix_socket_directories: bySocket ? '.' : '',
    port: String(port),
    shared_buffers: `${sharedBuffersMegabytes()}MB`,
    ...settings,
  };
  const run = runIn(cluster);
  const log = openSync(join(home, 'postgres.log'), 'a', 0o600);
  const child = spawn(
    join(findBinaries(), 'bin', 'postgres'),
    ['-D', run.path, ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    // A group of its own: Ctrl-C in the terminal must reach the application first, which then stops the server in order.
    { ...run.identity, cwd: '/', detached: true, stdio: ['ignore', log, log, ...run.fds] },
  );
  child.on('error', (error) => console.error(`The embedded Postgres: ${error.message}`));
  child.unref();
  closeSync(log);
  run.close();
  return child;
}

/**
 * An eighth of the memory there is, from the server's own default to a gigabyte: a page that is not in it costs a system
 * call each time. It is taken as pages are read, so a small workspace never uses it up.
 */
function sharedBuffersMegabytes(): number {
  const memory = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  return Math.min(Math.max(Math.floor(memory / 8 / 1024 ** 2), 128), 1024);
}

/**
 * How the server names its folder. As root it runs as somebody who may not walk the path to the project (/root is closed, for one):
 * an open folder handed down as descriptor 3 needs no walking.
 */
function runIn(cluster: string) {
  if (!isRoot || process.platform !== 'linux')
    return { path: cluster, identity: isRoot ? unprivileged : {}, fds: [], close: () => {} };
  const folder = openSync(cluster, 'r');
  return { path: '/proc/self/fd/3', identity: unprivileged, fds: [folder], close: () => closeSync(folder) };
}

/** Asks the server for a connection, and makes the application's database where it is missing. */
async function ask(url: string, database: string): Promise<'ready' | 'silent'> {
  const sql = postgres(url, {
    ...connectOptions(url),
    max: 1,
    connect_timeout: 2,
    connection: { application_name: 'plumbline start' },
  });
  try {
    const found = await sql`select 1 from pg_database where datname = ${database}`;
    if (found.length === 0) await sql`create database ${sql(database)}`;
    return 'ready';
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    // 57P03: it starts or stops at this moment; 42P04: somebody made the database just now. Only a wrong password is final.
    if (code === '28P01')
      throw new Error('The embedded Postgres refuses the password kept in the data folder.', { cause: error });
    return 'silent';
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function postmaster(cluster: string): { pid: number; port: number } | undefined {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), port: Number(lines[3]) };
  } catch {
    return undefined;
  }
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function logTail(home: string): string {
  return readFileSync(join(home, 'postgres.log'), 'utf8').split('\n').slice(-12).join('\n');
}
