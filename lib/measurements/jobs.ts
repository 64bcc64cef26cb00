import { rm } from 'node:fs/promises';
import { and, eq, lt, or } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { batches } from '../../db/schema/measurements.ts';
import { getWorkspace } from '../access/queries.ts';
import { jobActor } from '../access/schema.ts';
import { addMs, MINUTE_MS } from '../base/time.ts';
import { execute } from '../shell/command.ts';
import { removeBlob } from './blobs.ts';
import { finishBatch } from './commands/finish-batch.ts';
import { recordCounts } from './commands/record-counts.ts';
import { countWindows, inspectUpload, profileReference } from './engine.ts';
import { type BatchRow, findReference, getBatch, listReadable, type Reference } from './queries.ts';
import type {
  ColumnRoles,
  Inspection,
  MeasuredColumn,
  ReferenceProfile,
  UploadFault,
  UploadFormat,
  WindowCounts,
} from './schema.ts';

const actor = jobActor('intake');

/** Another process reads the batch now: come back later. */
export class BatchBusy extends Error {}

/** Which windows a batch has touched, for those who judge them. */
export type Intake = { modelId: string; version: number; starts: string[] };

/**
 * Reads one batch outside any transaction and keeps what was found. Idempotent: killed anywhere, it may run again.
 * Returns what it touched, or nothing when the batch failed or is already finished; throws while another reads it.
 */
export async function takeIn(db: Db, batchId: string, again: boolean): Promise<Intake | undefined> {
  const { batch } = await getBatch(db, batchId);
  if (batch.state === 'failed' || (batch.state === 'done' && !again)) return undefined;
  if (!(await claim(db, batch, again))) throw new BatchBusy('Somebody else is reading this batch.');
  const reference = await findReference(db, batch.modelId, batch.version);
  const parquet = `${batch.rawPath}.parquet`;
  const read = await readOnce(db, batch, parquet, reference);
  if (!read.ok) {
    return fail(db, batch, read.errors);
  }
  const columns = read.inspection?.columns ?? (batch.columns as MeasuredColumn[]);
  let profile: ReferenceProfile | null = null;
  let counted: { referenceId: string; windows: WindowCounts[] } | null = null;
  if (batch.kind === 'reference') {
    const { timezone } = await getWorkspace(db);
    const answer = await profileReference({ parquet, columns, timezone });
    if (!answer.ok) {
      return fail(db, batch, answer.errors);
    }
    profile = answer.profile;
  } else if (batch.kind === 'observations' && reference) {
    const labels = (await listReadable(db, batch.modelId, 'labels')).flatMap((row) => row.parquetPath ?? []);
    const { timezone } = await getWorkspace(db);
    const answer = await countWindows(
      { parquet, columns, profile: reference.profile, unit: 'day', timezone, ...(labels.length ? { labels } : {}) },
      { onProgress: (progress) => void note(db, batchId, `${progress.stage} ${progress.rows}`) },
    );
    if (!answer.ok) {
      return fail(db, batch, answer.errors);
    }
    counted = { referenceId: reference.id, windows: answer.windows };
  }
  await execute(
    recordCounts,
    { batchId, parquetPath: parquet, inspection: read.inspection, profile, counted },
    { db, actor },
  );
  return {
    modelId: batch.modelId,
    version: batch.version,
    starts: counted?.windows.map((window) => window.start) ?? [],
  };
}

/** A failed batch is never read again: its files go, once that it failed is on record. */
async function fail(db: Db, batch: BatchRow, errors: UploadFault[]): Promise<undefined> {
  await execute(finishBatch, { batchId: batch.id, errors }, { db, actor });
  await removeBlob(batch.rawPath);
  await removeBlob(`${batch.rawPath}.parquet`);
}

/** Longer than both children of a batch may take: whoever held it is gone. */
const CLAIM_MS = 3 * MINUTE_MS;

/** One reader a batch: the web server reads a reference at once, and its job must not read the same file meanwhile. */
async function claim(db: Db, batch: BatchRow, again: boolean): Promise<boolean> {
  const now = new Date();
  const free = or(
    eq(batches.state, 'received'),
    lt(batches.startedAt, addMs(now, -CLAIM_MS)),
    again ? eq(batches.state, 'done') : undefined,
  );
  const claimed = await db
    .update(batches)
    .set({ state: 'processing', startedAt: now, progress: 'reading' })
    .where(and(eq(batches.id, batch.id), free))
    .returning({ id: batches.id });
  return claimed.length === 1;
}

export const finish = (db: Db, batchId: string): Promise<{ state: string }> =>
  execute(finishBatch, { batchId, errors: [] }, { db, actor });

type Read = { ok: true; inspection: Inspection | null } | { ok: false; errors: UploadFault[] };

/**
 * The one conversion of a raw file. A file converted before the present reference is read anew, because the reference
 * pins the types.
 */
async function readOnce(db: Db, batch: BatchRow, output: string, reference: Reference | undefined): Promise<Read> {
  const converted = batch.parquetPath !== null && batch.columns !== null && batch.startedAt !== null;
  if (converted && (batch.kind !== 'observations' || (reference && reference.createdAt < batch.startedAt!))) {
    return { ok: true, inspection: null };
  }
  await rm(output, { force: true });
  const answer = await inspectUpload(
    {
      path: batch.rawPath,
      format: batch.format as UploadFormat,
      output,
      roles: batch.roles as ColumnRoles,
      purpose: batch.kind as 'reference' | 'observations' | 'labels',
      ...(batch.kind === 'observations' && reference ? { contract: { columns: reference.columns } } : {}),
    },
    { onProgress: (progress) => void note(db, batch.id, `${progress.stage} ${progress.rows}`) },
  );
  return answer.ok ? { ok: true, inspection: answer } : answer;
}

/** Progress for whoever watches; losing one line of it is harmless. */
async function note(db: Db, batchId: string, progress: string): Promise<void> {
  await db
    .update(batches)
    .set({ progress })
    .where(and(eq(batches.id, batchId), eq(batches.state, 'processing')))
    .catch(() => undefined);
}
