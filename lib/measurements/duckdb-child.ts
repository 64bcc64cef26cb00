// The child process that `engine.ts` starts: one job on standard input, JSON lines on standard output, then it ends.
import { rm } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { convert } from './convert.ts';
import { exactDistancesOf } from './distances.ts';
import { name, openLockedDown } from './duckdb.ts';
import { examine } from './examine.ts';
import { DataFault, readingFault } from './fault.ts';
import {
  type ChildLine,
  type CountJob,
  type InspectJob,
  job as jobShape,
  type ProfileJob,
  type Progress,
  type SegmentsJob,
  unpackedPath,
} from './job.ts';
import { planScan, scanned } from './plan.ts';
import { gunzip, isGzip, prescan } from './prescan.ts';
import { profile } from './profile.ts';
import { scan } from './scan.ts';
import type { Inspection, MeasuredColumn, SegmentCounts, UploadFault } from './schema.ts';
import { scanSegments, segmentCondition } from './segments.ts';

const say = (line: ChildLine) => process.stdout.write(`${JSON.stringify(line)}\n`);
const progress = (stage: Progress['stage']) => (rows: number) => say({ type: 'progress', stage, rows });

async function run(): Promise<void> {
  const asked = jobShape.parse(JSON.parse(await readAll(process.stdin)));
  switch (asked.op) {
    case 'inspect':
      return void say({ type: 'done', inspection: await inspect(asked.job) });
    case 'profile':
      return void say({ type: 'done', profile: await profileOf(asked.job) });
    case 'count':
      return void say({ type: 'done', ...(await count(asked.job)) });
    case 'reference': {
      const inspection = await inspect(asked.job);
      const { columns } = inspection;
      const profile = await profileOf({
        parquet: keptFile(asked.job, inspection),
        columns,
        timezone: asked.job.timezone,
      });
      return void say({ type: 'done', inspection, profile });
    }
    case 'observations': {
      const inspection = await inspect(asked.job);
      const { columns } = inspection;
      const rules = asked.job.contract?.rules;
      const counted = await count({
        ...asked.job,
        parquet: keptFile(asked.job, inspection),
        columns,
        ...(rules ? { rules } : {}),
      });
      return void say({ type: 'done', inspection, ...counted });
    }
    case 'exact': {
      const connection = await openLockedDown([
        asked.job.reference.parquet,
        ...asked.job.observations.map(({ parquet }) => parquet),
      ]);
      return void say({ type: 'done', exact: await exactDistancesOf(connection, asked.job) });
    }
    case 'segments':
      return void say({ type: 'done', segments: await segments(asked.job) });
  }
}

/** The file that later reads are of. */
const keptFile = (job: InspectJob, { kept }: Inspection) => (kept === 'upload' ? job.path : job.output);

async function inspect(job: InspectJob): Promise<Inspection> {
  const unpacked = unpackedPath(job.output);
  const packed = await isGzip(job.path);
  try {
    const path = packed ? unpacked : job.path;
    const damaged = packed ? await gunzip(job.path, unpacked) : null;
    progress('reading')(0);
    const fault = damaged ?? (await prescan(path, job.format));
    if (fault) throw new DataFault([fault]);
    progress('converting')(0);
    const inspection = await convert(await openLockedDown([path, job.output]), {
      ...job,
      path,
      mayKeep: job.mayKeep && !packed,
    });
    progress('converting')(inspection.rows);
    return inspection;
  } finally {
    if (packed) await rm(unpacked, { force: true });
  }
}

async function profileOf({ parquet, columns, timezone }: ProfileJob) {
  return profile(await openLockedDown([parquet]), parquet, columns, progress('profiling'), timezone);
}

/** Writes the windows as they are read out; returns how many late labels met no row, and what the contract is to be held against. */
async function count(job: CountJob): Promise<Pick<Extract<ChildLine, { type: 'done' }>, 'late' | 'examination'>> {
  const labels = job.labels ?? [];
  const connection = await openLockedDown([job.parquet, ...labels]);
  const { task } = job.profile;
  const counted = job.profile.columns.map(({ name, bins }) => ({ name, bins }));
  const { relation: all, unmatchedLabels, ...known } = await scanned(connection, job.parquet, job.columns, labels);
  const by = counted.find((column) => column.name === job.only?.column);
  const conditions = [
    ...(by && job.only ? [segmentCondition(by, job.only.segment)] : []),
    ...(job.range ? [rangeCondition(job.columns, job.range)] : []),
  ];
  const relation = conditions.length > 0 ? `(SELECT * FROM ${all} WHERE ${conditions.join(' AND ')})` : all;
  const unit = job.profile.attributions?.unit ?? null;
  const plan = await planScan(connection, { relation, ...known }, job.columns, counted, task, unit);
  const score = job.columns.find((column) => column.role === 'score')?.name;
  const windows = await scan(connection, plan, counted, task, job.unit, job.timezone, score, progress('counting'));
  for (const window of windows) say({ type: 'window', window });
  const late = { unmatchedLabels };
  if (!job.rules) return { late };
  return { late, examination: await examine(connection, job.parquet, job.columns, job.rules, job.profile, windows) };
}

/** An SQL condition that holds for the rows of a time range. */
function rangeCondition(columns: readonly MeasuredColumn[], { from, to }: { from: string; to: string }): string {
  const timestamp = columns.find((column) => column.role === 'timestamp');
  const time = timestamp ? `epoch_ms(${name(timestamp.name)})` : '0';
  return `(${time} >= ${Date.parse(from)} AND ${time} < ${Date.parse(to)})`;
}

async function segments(job: SegmentsJob): Promise<SegmentCounts[]> {
  const labels = job.labels ?? [];
  const connection = await openLockedDown([job.parquet, ...labels]);
  const { task } = job.profile;
  const counted = job.profile.columns.map(({ name, bins }) => ({ name, bins }));
  const rows = await scanned(connection, job.parquet, job.columns, labels);
  const plan = await planScan(connection, rows, job.columns, counted, task);
  const score = job.columns.find((column) => column.role === 'score')?.name;
  const range = job.range ? { from: Date.parse(job.range.from), to: Date.parse(job.range.to) } : null;
  return scanSegments(connection, plan, counted, task, job.by, score, range);
}

try {
  await run();
} catch (error) {
  say({ type: 'failed', errors: error instanceof DataFault ? error.faults : [ownFault(error)] });
}

/** What was not found while reading is our fault and is not blamed on the data, except that it was too much. */
function ownFault(error: unknown): UploadFault {
  const fault = readingFault(error);
  return fault.code === 'out_of_memory' ? fault : { code: 'engine_failed', message: String(error).split('\n')[0]! };
}
