// From two files of 1M rows and 20 columns to stored drift: our whole path against Evidently, NannyML and a bare DuckDB scan, each in a
// process of its own. `node bench/drift.ts [rows] [parts]`, parts of: ours,text,scan,evidently,nannyml.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { measure, type Usage } from './process-usage.ts';

const ROWS = Number(process.argv[2] ?? 1_000_000);
const PARTS = (process.argv[3] ?? 'ours,text,scan,evidently,nannyml').split(',');
const DAYS = 30;
const NUMERIC = 15;
const CATEGORICAL = 5;
const SEED = 0.5;
/** Rows that warm our path up. */
const FIRST_ROWS = 2_000;
const here = import.meta.dirname;
const cache = join(here, '..', '.cache');
/** The versions our figures speak of, with the pandas of their time: newer ones break them. */
const PEERS = {
  evidently: ['evidently==0.7.21', 'pandas<3', 'pyarrow'],
  nannyml: ['nannyml==0.13.1', 'statsmodels', 'pyarrow'],
};

type Stage = { stage: string; wallMs: number; cpuMs: number };
type Ran = { usage: Usage; stages: Stage[] };

const folder = mkdtempSync(join(tmpdir(), 'plumbline-drift-'));
try {
  await generate();
  console.log(`${ROWS} rows, ${NUMERIC} numeric and ${CATEGORICAL} categorical columns, ${DAYS} days`);
  const [reference, current] = [fileOf('reference', 'parquet'), fileOf('current', 'parquet')];
  const scan = PARTS.includes('scan')
    ? await run('bare DuckDB scan of both files', process.execPath, [join(here, 'drift-floor.ts'), reference, current])
    : null;
  const ours = PARTS.includes('ours') ? await path('parquet') : null;
  const evidently = await peer('evidently');
  const nannyml = await peer('nannyml');
  const whole = ours && cpuOf(ours, 'reference') + cpuOf(ours, 'observations');
  const window = ours && cpuOf(ours, 'observations');
  console.log('\nCPU, work without start-up:');
  ratio('Evidently to our whole path', evidently && cpuOf(evidently), whole, 'at least 25');
  ratio('NannyML to our whole path', nannyml && cpuOf(nannyml), whole, 'at least 4');
  ratio('Evidently to one new window of ours', evidently && cpuOf(evidently), window, 'at least 60');
  ratio('our whole path to the bare scan', whole, scan && cpuOf(scan));
  if (PARTS.includes('text')) {
    for (const format of ['csv', 'ndjson'] as const) {
      const sent = await path(format);
      const both = cpuOf(sent, 'reference') + cpuOf(sent, 'observations');
      ratio(`${format} to Parquet, its conversion included`, both, whole);
      const [after, same] = [cpuOf(sent, 'again'), ours && cpuOf(ours, 'again')];
      ratio(`${format} to Parquet, after the one conversion`, after, same, 'at most 3');
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function fileOf(name: 'reference' | 'current' | 'first', format: 'parquet' | 'csv' | 'ndjson'): string {
  return join(folder, `${name}.${format}`);
}

/** One thread, so that the seed gives the same rows every time. Two numbers and one word of the current file have moved. */
async function generate(): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run(`select setseed(${SEED})`);
  const normal = 'sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())';
  const laws = [normal, 'random()', '-ln(1 - random())', `exp(${normal})`, 'floor(random() * 80)'];
  for (const name of ['reference', 'current'] as const) {
    const moved = (i: number) => (name === 'current' && i < 2 ? 0.3 : 0);
    const numbers = Array.from({ length: NUMERIC }, (_, i) => `(${laws[i % 5]} + ${moved(i)})::double as number_${i}`);
    const words = Array.from({ length: CATEGORICAL }, (_, i) => {
      const power = 1 + moved(i);
      return `'word ' || floor(pow(random(), ${power}) * ${4 + 9 * i})::int as word_${i}`;
    });
    const start = name === 'reference' ? '2026-01-01' : '2026-02-01';
    await connection.run(`create table ${name} as select
      timestamp '${start}' + to_microseconds((i * ${(DAYS * 86_400e6) / ROWS})::bigint) as "at", ${[...numbers, ...words].join(', ')}
      from range(${ROWS}) as r(i)`);
    await connection.run(`copy ${name} to '${fileOf(name, 'parquet')}' (format parquet)`);
    if (PARTS.includes('text')) {
      await connection.run(`copy ${name} to '${fileOf(name, 'csv')}' (format csv, header)`);
      await connection.run(`copy ${name} to '${fileOf(name, 'ndjson')}' (format json)`);
    }
    if (name === 'reference') {
      const first = `(select * from reference limit ${FIRST_ROWS})`;
      await connection.run(`copy ${first} to '${fileOf('first', 'parquet')}' (format parquet)`);
      await connection.run(`copy ${first} to '${fileOf('first', 'csv')}' (format csv, header)`);
      await connection.run(`copy ${first} to '${fileOf('first', 'ndjson')}' (format json)`);
    }
    await connection.run(`drop table ${name}`);
  }
  connection.closeSync();
  instance.closeSync();
}

async function path(format: 'parquet' | 'csv' | 'ndjson'): Promise<Ran> {
  const files = [fileOf('reference', format), fileOf('current', format), fileOf('first', format)];
  // What the modules of a server leave in a roomy young generation is no memory that a file takes.
  const server = ['--max-semi-space-size=2', join(here, 'drift-path.ts')];
  return run(`our whole path, ${format}`, process.execPath, [...server, format, ...files]);
}

async function peer(name: keyof typeof PEERS): Promise<Ran | null> {
  if (!PARTS.includes(name)) return null;
  const python = environment(name);
  if (!python) {
    console.log(`\n${name}: left out, it needs Python 3 with venv and a package registry`);
    return null;
  }
  return run(name, python, [
    join(here, 'drift-peers.py'),
    name,
    fileOf('reference', 'parquet'),
    fileOf('current', 'parquet'),
  ]);
}

/** The Python of a virtual environment with the package in it, made at the first run; undefined where that is not possible. */
function environment(name: keyof typeof PEERS): string | undefined {
  const python = join(cache, `peers-${name}`, 'bin', 'python');
  const works = () => spawnSync(python, ['-c', `import ${name}`], { stdio: 'ignore' }).status === 0;
  if (existsSync(python) && works()) return python;
  if (spawnSync('python3', ['--version'], { stdio: 'ignore' }).status !== 0) return undefined;
  try {
    execFileSync('python3', ['-m', 'venv', join(cache, `peers-${name}`)], { stdio: 'ignore' });
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', ...PEERS[name]], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return works() ? python : undefined;
}

async function run(name: string, command: string, args: readonly string[]): Promise<Ran> {
  const { usage, output } = await measure(command, args);
  const stages = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Stage);
  const { wallMs, cpuMs, peakMb, largestMb } = usage;
  console.log(
    `\n${name}: ${seconds(wallMs)} wall, ${seconds(cpuMs)} CPU with start-up; peak ${peakMb.toFixed(0)} MB, largest process ${largestMb.toFixed(0)} MB`,
  );
  for (const stage of stages)
    console.log(`  ${stage.stage}: ${seconds(stage.wallMs)} wall, ${seconds(stage.cpuMs)} CPU`);
  return { usage, stages };
}

/** CPU of a stage, the median of its rounds; without one, of all stages together. */
function cpuOf({ stages }: Ran, only?: string): number {
  if (!only) return stages.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  const rounds = stages.flatMap(({ stage, cpuMs }) => (stage === only ? [cpuMs] : [])).sort((a, b) => a - b);
  return rounds[Math.floor(rounds.length / 2)]!;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function ratio(what: string, above: number | null, below: number | null, wanted?: string): void {
  if (above === null || below === null) return;
  console.log(`  ${what}: ${(above / below).toFixed(1)}${wanted ? ` (wanted: ${wanted})` : ''}`);
}
