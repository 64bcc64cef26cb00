import { and, eq, lt, or, sql } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { batches } from '../../db/schema/measurements.ts';
import { getWorkspace } from '../access/queries.ts';
import { jobActor } from '../access/schema.ts';
import { addMs, MINUTE_MS } from '../base/time.ts';
import { inferDataContract } from '../contracts/commands/infer.ts';
import { findContract } from '../contracts/queries.ts';
import { violationsOf } from '../contracts/rules/judge.ts';
import type { ContractView, DataContract, Examination } from '../contracts/schema.ts';
import { execute } from '../shell/command.ts';
import { AppError } from '../shell/errors.ts';
import { removeBlob } from './blobs.ts';
import { finishBatch } from './commands/finish-batch.ts';
import { type Checked, recordCounts } from './commands/record-counts.ts';
import {
  countWindows,
  type EngineOptions,
  inspectUpload,
  processObservations,
  processReference,
  profileReference,
  timeLimitMs,
} from './engine.ts';
import type { InspectJob } from './job.ts';
import { asidePath, unpackedPath } from './job-files.ts';
import { untouchedBy } from './late-labels.ts';
import { followBatch, noteProgress } from './progress.ts';
import { type BatchRow, findReference, findTimeBefore, getBatch, listLabels, type Reference } from './queries.ts';
import { contractFor, factsOf } from './reference-facts.ts';
import type {
  ColumnRoles,
  Inspection,
  MeasuredColumn,
  ReferenceProfile,
  UploadFault,
  UploadFormat,
  UploadWarning,
  WindowCounts,
} from './schema.ts';

const actor = jobActor('intake');

/** Another process reads the batch now: come back later. */
export class BatchBusy extends Error {}

/** The reader ended without an answer, which may be better the next time: the batch is given back. */
export class ReaderBroke extends AppError {}

/** How often a reader may break down over a batch, over half a minute, until the data is taken to be why. */
const READER_TRIES = 5;

/** A batch of which nothing is kept any more: it was stopped, or deleted with its model. */
const ENDED = new Set(['batch_cancelled', 'batch_not_found']);

function goneIsNothing(error: unknown): undefined {
  if (!(error instanceof AppError && ENDED.has(error.code))) throw error;
}

/** Which windows a batch has touched, for those who judge them. */
export type Intake = { modelId: string; version: number; starts: string[] };

/**
 * Reads one batch outside any transaction and keeps what was found. Idempotent: killed anywhere, it may run again.
 * Returns what it touched, or nothing when the batch failed, was cancelled, was deleted or is already finished; throws while another reads it.
 */
export async function takeIn(db: Db, batchId: string, again: boolean): Promise<Intake | undefined> {
  const held = await getBatch(db, batchId).catch(goneIsNothing);
  if (!held) return undefined;
  const { batch, model } = held;
  if (batch.state === 'cancelled') return discard(batch);
  if (batch.state === 'failed' || (batch.state === 'done' && !again)) return undefined;
  if (!(await claim(db, batch, again))) throw new BatchBusy('Somebody else is reading this batch.');
  const following = followBatch(db, batch);
  try {
    const found = await read(db, batch, model, following);
    if (!found.ok) {
      const broken = found.errors.find(({ code }) => code === 'engine_failed');
      if (broken) await readAgain(db, batch, broken);
      return await fail(db, batch, found.errors);
    }
    return await keep(db, batch, model, found);
  } catch (error) {
    if (error instanceof AppError && ENDED.has(error.code)) return discard(batch);
    await giveBack(db, batch.id);
    throw error;
  } finally {
    following.stop();
  }
}

async function keep(db: Db, batch: BatchRow, model: string, found: Found): Promise<Intake> {
  const { parquet, inspection, profile, counted, checked, referenceId, untouched } = found;
  const windows = counted && referenceId ? { referenceId, windows: counted } : null;
  const kept = { batchId: batch.id, parquetPath: parquet, inspection, profile, checked, counted: windows, untouched };
  await execute(recordCounts, kept, { db, actor });
  await noteProgress(db, batch.id, {
    stage: 'judging',
    rows: inspection?.rows ?? batch.rows,
    windows: counted?.length,
  });
  const reference = profile ? await findReference(db, batch.modelId, batch.version) : undefined;
  if (reference) await contractOf(db, model, reference);
  return { modelId: batch.modelId, version: batch.version, starts: counted?.map((window) => window.start) ?? [] };
}

type Found = {
  ok: true;
  /** The file that later reads are of. */
  parquet: string;
  /** What the upload was found to be; null where an earlier reading still holds. */
  inspection: Inspection | null;
  profile: ReferenceProfile | null;
  referenceId: string | null;
  counted: WindowCounts[] | null;
  checked: Checked | null;
  /** Batches of observations that have no row of these labels. */
  untouched: string[];
};

/**
 * One child reads the file: checked and converted where that is due, then profiled or counted. A file converted for another reference
 * is read anew, because the reference pins the types.
 */
async function read(
  db: Db,
  batch: BatchRow,
  model: string,
  following: EngineOptions,
): Promise<Found | { ok: false; errors: UploadFault[] }> {
  const reference = await findReference(db, batch.modelId, batch.version);
  const { timezone } = await getWorkspace(db);
  const options = { ...following, timeoutMs: timeLimitMs(batch.bytes) };
  const nothing = { inspection: null, profile: null, referenceId: null, counted: null, checked: null, untouched: [] };
  const converted = batch.parquetPath !== null && batch.columns !== null;
  const stillHolds = converted && (batch.kind !== 'observations' || (reference && batch.referenceId === reference.id));
  const contract = batch.kind === 'observations' && reference ? await contractOf(db, model, reference) : undefined;
  const job = inspectionOf(batch, reference, contract?.contract);
  const keptBy = ({ kept }: Inspection) => (kept === 'upload' ? job.path : job.output);
  if (!stillHolds) await Promise.all(madeOf(batch).map(removeBlob));

  if (batch.kind === 'reference') {
    if (stillHolds) {
      const [parquet, columns] = [batch.parquetPath!, batch.columns as MeasuredColumn[]];
      const answer = await profileReference({ parquet, columns, timezone }, options);
      return answer.ok ? { ...nothing, ok: true, parquet, profile: answer.profile } : answer;
    }
    const answer = await processReference({ ...job, timezone }, options);
    if (!answer.ok) return answer;
    const { inspection, profile } = answer;
    return { ...nothing, ok: true, parquet: keptBy(inspection), inspection, profile };
  }
  if (batch.kind === 'observations' && reference) {
    const late = await listLabels(db, batch.modelId);
    const counting = {
      profile: reference.profile,
      unit: 'day' as const,
      timezone,
      ...(late.length ? { labels: late } : {}),
    };
    if (stillHolds) {
      const [parquet, columns] = [batch.parquetPath!, batch.columns as MeasuredColumn[]];
      const answer = await countWindows({ files: [{ parquet, columns }], ...counting }, options);
      return answer.ok ? { ...nothing, ok: true, parquet, referenceId: reference.id, counted: answer.windows } : answer;
    }
    const answer = await processObservations({ ...job, ...counting }, options);
    if (!answer.ok) return answer;
    const { inspection, windows, examination } = answer;
    const checked = contract && examination ? await checkedAgainst(db, batch, contract, inspection, examination) : null;
    const parquet = keptBy(inspection);
    return { ...nothing, ok: true, parquet, inspection, referenceId: reference.id, counted: windows, checked };
  }
  const answer = stillHolds ? null : await inspectUpload(job, options);
  if (answer && !answer.ok) return answer;
  const parquet = answer ? keptBy(answer) : batch.parquetPath!;
  if (batch.kind !== 'labels') return { ...nothing, ok: true, parquet, inspection: answer };
  const match = await untouchedBy(db, batch, parquet, options);
  if (!match.ok) return match;
  const { untouched, warnings } = match;
  const inspection = answer && { ...answer, warnings: [...answer.warnings, ...warnings] };
  return { ...nothing, ok: true, parquet, inspection, untouched };
}

/** The contract of a reference. One that was stored before there were contracts gets its own when it is first needed. */
async function contractOf(db: Db, model: string, reference: Reference): Promise<ContractView> {
  const { modelId, version } = reference;
  const held = await findContract(db, { id: modelId, name: model }, version);
  if (held?.referenceId === reference.id) return held;
  const input = { model, modelVersion: version, reference: factsOf(reference) };
  return execute(inferDataContract, input, { db, actor });
}

async function checkedAgainst(
  db: Db,
  batch: BatchRow,
  { version, contract }: ContractView,
  { warnings, retyped = [], aside, fractions = {} }: Inspection,
  examination: Examination,
): Promise<Checked> {
  const named = (code: UploadWarning['code']) => warnings.flatMap((one) => (one.code === code ? [one.column] : []));
  const violations = violationsOf(contract, {
    unknown: named('extra_column'),
    absent: named('role_absent'),
    retyped,
    aside: aside?.counts ?? [],
    asideRows: aside?.rows ?? 0,
    fractions,
    examination,
    previousAt: await findTimeBefore(db, batch),
  });
  const { firstAt, lastAt } = examination;
  return { contractVersion: version, violations, firstAt, lastAt };
}

function inspectionOf(batch: BatchRow, reference: Reference | undefined, rules: DataContract | undefined): InspectJob {
  return {
    path: batch.rawPath,
    format: batch.format as UploadFormat,
    output: `${batch.rawPath}.parquet`,
    roles: batch.roles as ColumnRoles,
    purpose: batch.kind as InspectJob['purpose'],
    mayKeep: true,
    receivedAt: new Date().toISOString(),
    ...(reference && rules ? { contract: contractFor(reference.columns, rules) } : {}),
  };
}

/** What the reader makes of an upload, beside it. */
const madeOf = ({ rawPath }: Pick<BatchRow, 'rawPath'>): string[] => {
  const output = `${rawPath}.parquet`;
  return [output, asidePath(output), unpackedPath(output)];
};

/**
 * Who sent a file was told that it is safe, so a reader that breaks down is no end of it: the machine may have killed it. But data may break
 * it too, and every time. Each time is noted with the batch; the last one returns.
 * @throws ReaderBroke while there are tries left
 */
async function readAgain(db: Db, batch: BatchRow, fault: UploadFault): Promise<void> {
  const broken = [...(batch.errors as UploadFault[]), fault];
  if (broken.length >= READER_TRIES) return;
  const mine = and(eq(batches.id, batch.id), eq(batches.state, 'processing'));
  await db.update(batches).set({ errors: broken }).where(mine);
  throw new ReaderBroke('unavailable', fault.code, fault.message);
}

/** A failed batch is never read again: its files go, once that it failed is on record. A cancelled one has its record. */
async function fail(db: Db, batch: BatchRow, errors: UploadFault[]): Promise<undefined> {
  if (errors[0]?.code !== 'cancelled') await execute(finishBatch, { batchId: batch.id, errors }, { db, actor });
  return discard(batch);
}

async function discard(batch: Pick<BatchRow, 'rawPath'>): Promise<undefined> {
  await Promise.all([batch.rawPath, ...madeOf(batch)].map(removeBlob));
}

/** Removes uploads with what was made of them: their model is deleted. */
export async function removeFiles(uploads: readonly string[]): Promise<void> {
  for (const rawPath of uploads) await discard({ rawPath });
}

/** Beyond what the child of a batch may take: whoever held the batch is gone. */
const CLAIM_GRACE_MS = 2 * MINUTE_MS;

/** One reader a batch: the web server reads a reference at once, and its job must not read the same file meanwhile. */
async function claim(db: Db, batch: BatchRow, again: boolean): Promise<boolean> {
  const now = new Date();
  const free = or(
    eq(batches.state, 'received'),
    // Of a batch that was cancelled since it was looked at, the time of the reading that died still stands.
    and(eq(batches.state, 'processing'), lt(batches.startedAt, addMs(now, -timeLimitMs(batch.bytes) - CLAIM_GRACE_MS))),
    again ? eq(batches.state, 'done') : undefined,
  );
  const claimed = await db
    .update(batches)
    .set({ state: 'processing', startedAt: now, progress: 'reading' })
    .where(and(eq(batches.id, batch.id), free))
    .returning({ id: batches.id });
  return claimed.length === 1;
}

/** Whoever could not end the work leaves it to the next try at once, rather than when its time is up. */
export async function giveBack(db: Db, batchId: string): Promise<void> {
  const state = sql`case when ${batches.finishedAt} is null then 'received' else 'done' end`;
  const mine = and(eq(batches.id, batchId), eq(batches.state, 'processing'));
  await db.update(batches).set({ state, progress: null }).where(mine);
}

export const finish = (db: Db, batchId: string): Promise<{ state: string }> =>
  execute(finishBatch, { batchId, errors: [] }, { db, actor });
