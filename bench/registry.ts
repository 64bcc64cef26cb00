// `node bench/registry.ts`: the registry against the MLflow server from PyPI, both on one Postgres, in turn, with one client.
// `--models=1000,100000` sizes (MLflow is filled to 10,000 at most), `--seconds=3` a measurement, `--ours` without the peer,
// `--concurrency=1,16` callers at once, `--only=alias,tag` the operations whose names hold one of these.
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Sql } from 'postgres';
import { connectOptions } from '../db/client.ts';
import { postgres } from '../db/driver.ts';
import { openEmbedded } from '../db/embedded.ts';
import { fillMlflow, fillPlumbline, modelName } from './registry-fill.ts';
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

/** Loads what both load late, in every one of the peer's workers: imports, plans, compiled code. */
async function warm(server: Server, models: number): Promise<void> {
  for (const operation of operations) await measure(server, operation, 16, models, 1_000);
}

/** What filling and warming left for the database to clean up would be done while the first operations are measured. */
async function settle(databases: Sql[]): Promise<void> {
  for (const sql of databases) await sql`vacuum analyze`;
  await admin`checkpoint`;
}

const line = ({ failed, rate, p50, p95, app, database }: Figures): string =>
  `${failed > 0 ? `${failed} refused ` : ''}${rate.toFixed(0).padStart(6)}/s  p50 ${p50.toFixed(2).padStart(7)}  p95 ${p95.toFixed(2).padStart(7)} ms  CPU ${app.toFixed(2).padStart(6)} + ${database.toFixed(2).padStart(5)} ms`;

const folder = mkdtempSync(join(tmpdir(), 'plumbline-bench-'));
const cluster = await openEmbedded(folder);
const servers: Server[] = [];
const admin = postgres(cluster.url('postgres'), { ...connectOptions(cluster.url('postgres')), max: 1 });
try {
  await admin`create database mlflow`;
  const ours = await startPlumbline(cluster.url(), 'plumbline', join(folder, 'data'));
  servers.push(ours);
  const { username, password } = new URL(cluster.url());
  const peer = values.ours
    ? undefined
    : await startMlflow({ folder: join(folder, 'postgres'), user: username, password }, 'mlflow');
  if (peer) servers.push(peer);
  await benchmark(ours, peer);
} finally {
  for (const server of servers) await server.stop();
  await admin.end({ timeout: 5 });
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function benchmark(ours: Server, peer: Server | undefined): Promise<void> {
  const [own, theirs] = ['plumbline', 'mlflow'].map((name) =>
    postgres(cluster.url(name), { ...connectOptions(cluster.url(name)), max: 1 }),
  );
  const firsts = new Map<string, Figures>();
  let [filled, peerFilled] = [0, 0];
  for (const models of sizes) {
    const started = performance.now();
    await fillPlumbline(own!, filled, models);
    console.log(
      `\n${models.toLocaleString('en')} models (Plumbline filled in ${((performance.now() - started) / 1000).toFixed(1)} s)`,
    );
    filled = models;
    const peerModels = Math.min(models, PEER_MODELS_MAX);
    if (peer && peerModels > peerFilled) {
      await fillMlflow(theirs!, peerFilled, peerModels);
      peerFilled = peerModels;
    }
    if (models === sizes[0]) {
      for (const server of peer ? [ours, peer] : [ours]) await warm(server, models);
      await settle([own!, theirs!]);
    }
    for (const operation of operations.filter(isWanted)) {
      for (const concurrency of concurrencies) {
        const title = `${operation.name} x${concurrency}`;
        await measure(ours, operation, concurrency, models, measureMs / 3);
        const mine = await measure(ours, operation, concurrency, models, measureMs);
        console.log(`${title.padEnd(26)} Plumbline ${line(mine)}`);
        const first = firsts.get(title);
        if (first)
          console.log(
            `${''.padEnd(26)} against ${sizes[0]!.toLocaleString('en')} models: p50 x ${(mine.p50 / first.p50).toFixed(2)}`,
          );
        else firsts.set(title, mine);
        if (!peer || peerModels !== models) continue;
        await measure(peer, operation, concurrency, models, measureMs / 3);
        const other = await measure(peer, operation, concurrency, models, measureMs);
        const cpu = (other.app + other.database) / (mine.app + mine.database);
        console.log(`${''.padEnd(26)} MLflow    ${line(other)}`);
        console.log(`${''.padEnd(26)} ratio: rate x ${(mine.rate / other.rate).toFixed(1)}, CPU / ${cpu.toFixed(1)}`);
      }
    }
  }
  await Promise.all([own!.end({ timeout: 5 }), theirs!.end({ timeout: 5 })]);
}
