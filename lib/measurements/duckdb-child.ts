// The child process that `engine.ts` starts: one job on standard input, JSON lines on standard output, then it ends. It loads no more than
// it needs, types of the schema but not the schema: starting is a good part of the time that a small file takes.
import { rm } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { convert, notFinite } from './convert.ts';
import { exactDistancesOf } from './distances.ts';
import { type Connection, name, openLockedDown } from './duckdb.ts';
import { examine } from './examine.ts';
import { DataFault, isNoSpace, readingFault } from './fault.ts';
import type { ChildLine, CountJob, InspectJob, Job, KeptFile, ProfileJob, Progress, SegmentsJob } from './job.ts';
import { unpackedPath } from './job-files.ts';
import { matched } from './match.ts';
import { scanLines } from './ndjson.ts';
import { type Plan, planScan, scanned } from './plan.ts';
import { gunzip, isGzip, prescan } from './prescan.ts';
import { profile } from './profile.ts';
import { scan } from './scan.ts';
import type { ColumnCounts, Inspection, MeasuredColumn, SegmentCounts, UploadFault, WindowCounts } from './schema.ts';
import { scanSegments, segmentCondition } from './segments.ts';
import { MAX_COLUMNS } from './source.ts';

const say = (line: ChildLine) => process.stdout.write(`${JSON.stringify(line)}\n`);
const progress = (stage: Progress['stage']) => (rows: number) => say({ type: 'progress', stage, rows });

const asked = JSON.parse(await readAll(process.stdin)) as Job;
let opened: Promise<Connection> | undefined;
/** One engine for the whole job, opened when it is first needed: what is seen to be no such file never meets it. */
const connect = (): Promise<Connection> => {
  opened ??= openLockedDown(pathsOf(asked));
  return opened;
};

/** Every file that a job may touch. */
function pathsOf({ op, job }: Job): string[] {
  switch (op) {
    case 'inspect':
    case 'reference':
      return [job.path, unpackedPath(job.output), job.output];
    case 'observations':
      return [job.path, unpackedPath(job.output), job.output, ...(job.labels ?? [])];
    case 'exact':
      return [job.reference, ...job.observations].map(({ parquet }) => parquet);
    case 'match':
      return [job.labels, ...job.observations.map(({ parquet }) => parquet)];
    case 'profile':
      return [job.parquet];
    case 'count':
    case 'segments':
      return [...job.files.map(({ parquet }) => parquet), ...(job.labels ?? [])];
  }
}

async function run(): Promise<void> {
  switch (asked.op) {
    case 'inspect':
      return void say({ type: 'done', inspection: await inspect(asked.job) });
    case 'profile':
      return void say({ type: 'done', profile: await profileOf(asked.job) });
    case 'count':
      for (const file of asked.job.files) await count(asked.job, file);
      return void say({ type: 'done' });
    case 'reference': {
      const inspection = await inspect(asked.job, () => true);
      const { columns } = inspection;
      const profile = await profileOf({
        parquet: keptFile(asked.job, inspection),
        columns,
        timezone: asked.job.timezone,
      });
      const found = profile.columns.map(({ name, counts }) => ({ [name]: counts }));
      return void say({ type: 'done', inspection: withNotFinite(inspection, found), profile });
    }
    case 'observations': {
      const numbers = asked.job.profile.columns.filter(({ bins }) => bins.kind === 'numeric').map(({ name }) => name);
      const inspection = await inspect(asked.job, (feature) => numbers.includes(feature));
      const { columns } = inspection;
      const parquet = keptFile(asked.job, inspection);
      const windows = await count(asked.job, { parquet, columns });
      const found = windows.map((window) => window.columns);
      const { contract, profile } = asked.job;
      const examined = contract?.rules && {
        examination: await examine(await connect(), parquet, columns, contract.rules, profile, windows),
      };
      return void say({ type: 'done', inspection: withNotFinite(inspection, found), ...examined });
    }
    case 'exact':
      return void say({ type: 'done', exact: await exactDistancesOf(await connect(), asked.job) });
    case 'segments':
      return void say({ type: 'done', segments: await segments(asked.job) });
    case 'match':
      return void say({ type: 'done', match: await matched(await connect(), asked.job) });
  }
}

/** The file that later reads are of. */
const keptFile = (job: InspectJob, { kept }: Inspection) => (kept === 'upload' ? job.path : job.output);

/** The inspection with what only the counting told: which features hold values that are no finite numbers. */
function withNotFinite(inspection: Inspection, counted: readonly Record<string, ColumnCounts>[]): Inspection {
  const features = inspection.columns.filter(({ role, kind }) => role === 'feature' && kind === 'numeric');
  const warnings = features.flatMap(({ name }) => {
    const count = counted.reduce((sum, { [name]: one }) => sum + (one ? one.nan + one.inf : 0), 0);
    return notFinite(name, count);
  });
  return { ...inspection, warnings: [...inspection.warnings, ...warnings] };
}

async function inspect(job: InspectJob, isCounted?: (feature: string) => boolean): Promise<Inspection> {
  const unpacked = unpackedPath(job.output);
  const packed = await isGzip(job.path);
  try {
    const path = packed ? unpacked : job.path;
    const damaged = packed ? await gunzip(job.path, unpacked) : null;
    progress('reading')(0);
    const lines = scanLines(MAX_COLUMNS + 1);
    const fault = damaged ?? (await prescan(path, job.format, lines));
    if (fault) throw new DataFault([fault]);
    progress('converting')(0);
    const sent = { ...job, path, mayKeep: job.mayKeep && !packed };
    const inspection = await convert(await connect(), sent, isCounted, lines.found());
    progress('converting')(inspection.rows);
    return inspection;
  } finally {
    if (packed) await rm(unpacked, { force: true });
  }
}

async function profileOf({ parquet, columns, timezone }: ProfileJob) {
  return profile(await connect(), parquet, columns, progress('profiling'), timezone);
}

/** Counts one file; the windows are written as they are read out. */
async function count(job: Omit<CountJob, 'files'>, { parquet, columns }: KeptFile): Promise<WindowCounts[]> {
  const connection = await connect();
  const { task } = job.profile;
  const counted = job.profile.columns.map(({ name, bins }) => ({ name, bins }));
  const { relation: all, ...known } = await scanned(connection, parquet, columns, job.labels ?? []);
  const by = counted.find((column) => column.name === job.only?.column);
  const conditions = [
    ...(by && job.only ? [segmentCondition(by, job.only.segment)] : []),
    ...(job.range ? [rangeCondition(columns, job.range)] : []),
  ];
  const relation = conditions.length > 0 ? `(SELECT * FROM ${all} WHERE ${conditions.join(' AND ')})` : all;
  const unit = job.profile.attributions?.unit ?? null;
  const plan = await planScan(connection, { relation, ...known }, columns, counted, task, unit);
  const score = columns.find((column) => column.role === 'score')?.name;
  const windows = await scan(connection, plan, counted, task, job.unit, job.timezone, score, progress('counting'));
  for (const window of windows) say({ type: 'window', window });
  return windows;
}

/** An SQL condition that holds for the rows of a time range. */
function rangeCondition(columns: readonly MeasuredColumn[], { from, to }: { from: string; to: string }): string {
  const timestamp = columns.find((column) => column.role === 'timestamp');
  const time = timestamp ? `epoch_ms(${name(timestamp.name)})` : '0';
  return `(${time} >= ${Date.parse(from)} AND ${time} < ${Date.parse(to)})`;
}

async function segments(job: SegmentsJob): Promise<SegmentCounts[]> {
  const connection = await connect();
  const { task } = job.profile;
  const counted = job.profile.columns.map(({ name, bins }) => ({ name, bins }));
  const plans: Plan[] = [];
  for (const { parquet, columns } of job.files) {
    const rows = await scanned(connection, parquet, columns, job.labels ?? []);
    plans.push(await planScan(connection, rows, columns, counted, task));
  }
  const score = job.files.flatMap(({ columns }) => columns).find((column) => column.role === 'score')?.name;
  const range = job.range ? { from: Date.parse(job.range.from), to: Date.parse(job.range.to) } : null;
  return scanSegments(connection, plans, counted, task, job.by, score, range);
}

try {
  await run();
} catch (error) {
  if (isNoSpace(error)) say({ type: 'no_space' });
  else say({ type: 'failed', errors: error instanceof DataFault ? error.faults : [ownFault(error)] });
}

/** What was not found while reading is our fault and is not blamed on the data, except that it was too much. */
function ownFault(error: unknown): UploadFault {
  const fault = readingFault(error);
  return fault.code === 'out_of_memory' ? fault : { code: 'engine_failed', message: String(error).split('\n')[0]! };
}
