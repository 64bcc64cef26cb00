// `node bench/registry.ts`: the registry against the MLflow server from PyPI, both on one Postgres, in turn, with one client.
// `--models=1000,100000` sizes, each in a Plumbline of its own and measured in turn with the first (MLflow is filled to 10,000
// at most), `--seconds=3` a measurement, `--ours` without the peer, `--concurrency=1,16` callers at once, `--only=alias,tag`
// the operations whose names hold one of these.
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Sql } from 'postgres';
import { connectOptions } from '../db/client.ts';
import { postgres } from '../db/driver.ts';
import { openEmbedded } from '../db/embedded.ts';
import { fillMlflow, fillPlumbline, modelName, runId } from './registry-fill.ts';
import { cpuOf, type Server, startMlflow, startPlumbline } from './registry-servers.ts';

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '3' },
    ours: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    concurrency: { type: 'string', default: '1,16' },
  },
});
const sizes = values.models.split(',').map(Number);
const measureMs = Number(values.seconds) * 1000;
const concurrencies = values.concurrency.split(',').map(Number);
/** What is compared is measured in so many turns, as the machine is not the same from one minute to the next. */
const ROUNDS = 5;
/** Beyond this the peer's fill and pages take longer than anybody waits for a benchmark. */
const PEER_MODELS_MAX = 10_000;

type Call = { method: 'GET' | 'POST'; path: string; message: Record<string, unknown> };
type Operation = { name: string; kind: 'read' | 'page' | 'write'; call: (random: number, serial: number) => Call };

const get = (path: string, message: Record<string, unknown>): Call => ({ method: 'GET', path, message });
const post = (path: string, message: Record<string, unknown>): Call => ({ method: 'POST', path, message });
// What the Python client appends to every search of models.
const NO_PROMPTS = "tag.`mlflow.prompt.is_prompt` != 'true'";
const run = Date.now().toString(36);
const operations: Operation[] = [
  { name: 'get model', kind: 'read', call: (n) => get('registered-models/get', { name: modelName(n) }) },
  {
    name: 'get by alias',
    kind: 'read',
    call: (n) => get('registered-models/alias', { name: modelName(n), alias: 'champion' }),
  },
  { name: 'get version', kind: 'read', call: (n) => get('model-versions/get', { name: modelName(n), version: '2' }) },
  {
    name: 'download uri',
    kind: 'read',
    call: (n) => get('model-versions/get-download-uri', { name: modelName(n), version: '2' }),
  },
  {
    name: 'page of 100 models',
    kind: 'page',
    call: () => get('registered-models/search', { filter: NO_PROMPTS, max_results: 100 }),
  },
  {
    name: 'models by tag',
    kind: 'page',
    call: (n) =>
      get('registered-models/search', { filter: `tags.serial = '${n}' AND ${NO_PROMPTS}`, max_results: 100 }),
  },
  {
    name: 'models by name part',
    kind: 'page',
    call: (n) =>
      get('registered-models/search', {
        filter: `name LIKE '%${String(n).padStart(7, '0')}%' AND ${NO_PROMPTS}`,
        max_results: 100,
      }),
  },
  {
    name: 'versions of a model',
    kind: 'page',
    call: (n) => get('model-versions/search', { filter: `name = '${modelName(n)}'`, max_results: 100 }),
  },
  {
    name: 'versions of a run',
    kind: 'page',
    call: (n) => get('model-versions/search', { filter: `run_id = '${runId(n, 2)}'`, max_results: 100 }),
  },
  { name: 'page of 100 versions', kind: 'page', call: () => get('model-versions/search', { max_results: 100 }) },
  {
    name: 'create model',
    kind: 'write',
    call: (_, serial) => post('registered-models/create', { name: `new ${run} ${serial}` }),
  },
  {
    name: 'create version',
    kind: 'write',
    call: (n) => post('model-versions/create', { name: modelName(n), source: 's3://bench/new' }),
  },
  {
    name: 'set tag',
    kind: 'write',
    call: (n, serial) => post('registered-models/set-tag', { name: modelName(n), key: 'note', value: String(serial) }),
  },
  {
    name: 'set alias',
    kind: 'write',
    call: (n, serial) =>
      post('registered-models/alias', { name: modelName(n), alias: 'next', version: String(1 + (serial % 3)) }),
  },
];

const wanted = values.only.split(',');
const isWanted = ({ name }: Operation): boolean => wanted.some((part) => name.includes(part));

/** A server, and how many models the benchmark asks it for. */
type Contender = { server: Server; models: number };
type Figures = { failed: number; rate: number; p50: number; p95: number; app: number; database: number };

let serial = 0;
/** The operation over and over for the measuring time: requests a second, ms of waiting, CPU ms a request. */
async function measure(
  server: Server,
  { call }: Operation,
  concurrency: number,
  models: number,
  ms: number,
): Promise<Figures> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const waits: number[] = [];
  let failed = 0;
  const before = cpuOf(server);
  const started = performance.now();
  const worker = async (): Promise<void> => {
    while (performance.now() - started < ms) {
      serial += 1;
      const from = performance.now();
      if (!(await send(server, agent, call(Math.floor(Math.random() * models), serial)))) failed += 1;
      waits.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - started) / 1000;
  const after = cpuOf(server);
  agent.destroy();
  waits.sort((a, b) => a - b);
  return {
    rate: waits.length / seconds,
    p50: waits[Math.floor(waits.length * 0.5)] ?? 0,
    p95: waits[Math.floor(waits.length * 0.95)] ?? 0,
    app: (after.app - before.app) / waits.length,
    // A backend that ended in between takes its account along.
    database:
      [...after.backends].reduce((sum, [pid, ms]) => sum + ms - (before.backends.get(pid) ?? 0), 0) / waits.length,
    failed,
  };
}

/** False when it was refused: the peer refuses some of what is sent at the same moment. */
function send({ url, token }: Server, agent: Agent, { method, path, message }: Call): Promise<boolean> {
  const pairs = Object.entries(message).map(([key, value]) => [key, String(value)]);
  const query = method === 'GET' ? `?${new URLSearchParams(pairs)}` : '';
  const body = method === 'GET' ? '' : JSON.stringify(message);
  const headers = {
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(body ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } : {}),
  };
  return new Promise((done, failed) => {
    const sent = request(`${url}/api/2.0/mlflow/${path}${query}`, { method, agent, headers }, (response) => {
      response.resume().on('end', () => done(response.statusCode === 200));
    });
    sent.on('error', failed).end(body);
  });
}

/** Several servers in turn: of every figure the middle one, the refusals in all. */
async function inTurn(contenders: Contender[], operation: Operation, concurrency: number): Promise<Figures[]> {
  for (const { server, models } of contenders) await measure(server, operation, concurrency, models, measureMs / 3);
  const rounds: Figures[][] = contenders.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [i, { server, models }] of contenders.entries())
      rounds[i]!.push(await measure(server, operation, concurrency, models, measureMs / ROUNDS));
  }
  return rounds.map((figures) => {
    const middle = (of: (one: Figures) => number): number =>
      figures.map(of).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
    return {
      failed: figures.reduce((sum, { failed }) => sum + failed, 0),
      rate: middle(({ rate }) => rate),
      p50: middle(({ p50 }) => p50),
      p95: middle(({ p95 }) => p95),
      app: middle(({ app }) => app),
      database: middle(({ database }) => database),
    };
  });
}

/** Loads what both load late, in every one of the peer's workers: imports, plans, compiled code. */
async function warm({ server, models }: Contender): Promise<void> {
  for (const operation of operations) await measure(server, operation, 16, models, 1_000);
}

/** What filling and warming left to be cleaned up, or to be made for the catalogue, would be done during a measurement. */
async function settle({ server }: Contender): Promise<void> {
  const headers = { authorization: `Bearer ${server.token}` };
  const searched = await fetch(`${server.url}/api/v1/models?q=bench&limit=1`, { headers });
  if (!searched.ok) throw new Error(`the catalogue answered ${searched.status}: ${await searched.text()}`);
  await searched.arrayBuffer();
}

const line = ({ failed, rate, p50, p95, app, database }: Figures): string =>
  `${failed > 0 ? `${failed} refused ` : ''}${rate.toFixed(0).padStart(6)}/s  p50 ${p50.toFixed(2).padStart(7)}  p95 ${p95.toFixed(2).padStart(7)} ms  CPU ${app.toFixed(2).padStart(6)} + ${database.toFixed(2).padStart(5)} ms`;

const folder = mkdtempSync(join(tmpdir(), 'plumbline-bench-'));
const cluster = await openEmbedded(folder);
const servers: Server[] = [];
const pools: Sql[] = [];
const connect = (database: string): Sql => {
  const sql = postgres(cluster.url(database), { ...connectOptions(cluster.url(database)), max: 1 });
  pools.push(sql);
  return sql;
};
const admin = connect('postgres');
try {
  await benchmark(values.ours ? undefined : await addPeer());
} finally {
  for (const server of servers) await server.stop();
  for (const sql of pools) await sql.end({ timeout: 5 });
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
}

type Peer = { server: Server; sql: Sql; filled: number };

async function addPeer(): Promise<Peer> {
  await admin`create database mlflow`;
  const { username, password } = new URL(cluster.url());
  const server = await startMlflow({ folder: join(folder, 'postgres'), user: username, password }, 'mlflow');
  servers.push(server);
  return { server, sql: connect('mlflow'), filled: 0 };
}

/** A Plumbline of its own for a size, with so many models. */
async function addOurs(models: number): Promise<Contender & { sql: Sql }> {
  const database = `plumbline_${models}`;
  await admin.unsafe(`create database ${database}`);
  const server = await startPlumbline(cluster.url(database), database, join(folder, database));
  servers.push(server);
  const sql = connect(database);
  const started = performance.now();
  await fillPlumbline(sql, 0, models);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`\n${models.toLocaleString('en')} models (Plumbline filled in ${seconds} s)`);
  return { server, models, sql };
}

async function benchmark(peer: Peer | undefined): Promise<void> {
  let first: Contender | undefined;
  for (const models of sizes) {
    const { sql, ...ours } = await addOurs(models);
    const isPeerThere = peer !== undefined && models <= PEER_MODELS_MAX;
    if (isPeerThere) {
      await fillMlflow(peer.sql, peer.filled, models);
      peer.filled = models;
    }
    const rivals = isPeerThere ? [{ server: peer.server, models }] : [];
    for (const contender of [ours, ...rivals]) await warm(contender);
    await settle(ours);
    for (const filled of isPeerThere ? [sql, peer.sql] : [sql]) await filled`vacuum analyze`;
    await admin`checkpoint`;
    const contenders = [ours, ...rivals, ...(first ? [first] : [])];
    for (const operation of operations.filter(isWanted)) {
      for (const concurrency of concurrencies) {
        const [mine, ...others] = await inTurn(contenders, operation, concurrency);
        const [theirs, small] = isPeerThere ? others : [undefined, ...others];
        report(`${operation.name} x${concurrency}`, mine!, theirs, small);
      }
    }
    first ??= ours;
  }
}

function report(title: string, mine: Figures, theirs: Figures | undefined, small: Figures | undefined): void {
  const margin = ''.padEnd(26);
  console.log(`${title.padEnd(26)} Plumbline ${line(mine)}`);
  if (small) {
    const ratio = (mine.p50 / small.p50).toFixed(2);
    console.log(`${margin} against ${sizes[0]!.toLocaleString('en')} models: p50 x ${ratio}`);
  }
  if (!theirs) return;
  const cpu = (theirs.app + theirs.database) / (mine.app + mine.database);
  console.log(`${margin} MLflow    ${line(theirs)}`);
  console.log(`${margin} ratio: rate x ${(mine.rate / theirs.rate).toFixed(1)}, CPU / ${cpu.toFixed(1)}`);
}
