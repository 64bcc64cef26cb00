import { and, asc, desc, eq, gte, inArray, lt, max, sql } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { batches, externalMetrics, references, windowContributions } from '../../db/schema/measurements.ts';
import { models } from '../../db/schema/models.ts';
import { isUuid } from '../base/ids.ts';
import type { Violation } from '../contracts/schema.ts';
import { notFound } from '../shell/errors.ts';
import { hasBlob } from './blobs.ts';
import type {
  BatchKind,
  BatchState,
  BatchView,
  MeasuredColumn,
  ReferenceProfile,
  UploadFault,
  UploadWarning,
  WindowCounts,
} from './schema.ts';

export type BatchRow = typeof batches.$inferSelect;
export type Reference = {
  id: string;
  batchId: string;
  modelId: string;
  version: number;
  rows: number;
  createdAt: Date;
  columns: MeasuredColumn[];
  profile: ReferenceProfile;
};

export async function getBatch(db: Db, id: string): Promise<{ batch: BatchRow; model: string }> {
  const [row] = isUuid(id)
    ? await db
        .select({ batch: batches, model: models.name })
        .from(batches)
        .innerJoin(models, eq(models.id, batches.modelId))
        .where(eq(batches.id, id))
    : [];
  if (!row) throw notFound('batch', id);
  return row;
}

/**
 * The batch with its row locked: its state stays until the transaction ends. Its model's comes first, as for whoever deletes
 * the model and the batch with it: what is counted into the batch names the model, and so would wait for that deletion.
 */
export async function lockBatch(tx: Db, id: string): Promise<{ batch: BatchRow; model: string }> {
  const ofBatch = tx.select({ id: batches.modelId }).from(batches).where(eq(batches.id, id));
  await tx.select({ id: models.id }).from(models).where(inArray(models.id, ofBatch)).for('key share');
  await tx.select({ id: batches.id }).from(batches).where(eq(batches.id, id)).for('update');
  return getBatch(tx, id);
}

export async function viewBatch(db: Db, id: string): Promise<BatchView> {
  const { batch, model } = await getBatch(db, id);
  const reference = batch.kind === 'reference' ? await findReferenceOfBatch(db, batch.id) : undefined;
  return {
    batchId: batch.id,
    model,
    version: batch.version,
    kind: batch.kind as BatchKind,
    state: batch.state as BatchState,
    bytes: batch.bytes,
    rows: batch.rows,
    windows: batch.windows,
    progress: batch.progress,
    columns: reference?.columns ?? [],
    // Until it has failed they are of readings that are tried again.
    errors: batch.state === 'failed' ? (batch.errors as UploadFault[]) : [],
    warnings: batch.warnings as UploadWarning[],
    contractVersion: batch.contractVersion,
    violations: batch.violations as Violation[],
    setAside: batch.setAside,
    createdAt: batch.createdAt.toISOString(),
    finishedAt: batch.finishedAt?.toISOString() ?? null,
  };
}

/** When a model's last files of observations came, newest first; `dataAt` is the last time in a file's rows. */
export async function listArrivals(
  db: Db,
  modelId: string,
  limit: number,
): Promise<{ batchId: string; version: number; at: Date; dataAt: Date | null }[]> {
  return db
    .select({ batchId: batches.id, version: batches.version, at: batches.createdAt, dataAt: batches.lastAt })
    .from(batches)
    .where(and(eq(batches.modelId, modelId), eq(batches.kind, 'observations'), eq(batches.state, 'done')))
    .orderBy(desc(batches.createdAt), desc(batches.id))
    .limit(limit);
}

/** The models whose last file of observations came before a moment, without those of which `action` says so already. */
export async function listQuiet(db: Db, before: Date, action: string): Promise<string[]> {
  const found = await db.execute<{ id: string }>(sql`
    select m.id from models m
    cross join lateral (
      select b.id, b.created_at from batches b
      where b.model_id = m.id and b.kind = 'observations' and b.state = 'done'
      order by b.created_at desc, b.id desc limit 1) last
    where last.created_at < ${before.toISOString()} and not exists (
      select from audit_events a
      where a.model_id = m.id and a.action = ${action} and a.subject_id = last.id::text)`);
  return found.map(({ id }) => id);
}

/** The last time among the observations of a version that came before a batch; null where none did. */
export async function findTimeBefore(db: Db, batch: BatchRow): Promise<Date | null> {
  const [row] = await db
    .select({ lastAt: max(batches.lastAt) })
    .from(batches)
    .where(
      and(
        eq(batches.modelId, batch.modelId),
        eq(batches.version, batch.version),
        eq(batches.kind, 'observations'),
        lt(batches.createdAt, batch.createdAt),
      ),
    );
  return row?.lastAt ?? null;
}

async function findReferenceOfBatch(db: Db, batchId: string): Promise<{ columns: MeasuredColumn[] } | undefined> {
  const [row] = await db
    .select({ columns: references.columns })
    .from(references)
    .where(eq(references.batchId, batchId));
  return row && { columns: row.columns as MeasuredColumn[] };
}

export async function listBatches(db: Db, modelId: string, limit = 20): Promise<BatchRow[]> {
  return db.select().from(batches).where(eq(batches.modelId, modelId)).orderBy(desc(batches.createdAt)).limit(limit);
}

/** Converted files of a model's labels, oldest first. */
export async function listLabels(db: Db, modelId: string): Promise<string[]> {
  const rows = await db
    .select({ parquet: batches.parquetPath })
    .from(batches)
    .where(
      and(eq(batches.modelId, modelId), eq(batches.kind, 'labels'), inArray(batches.state, ['processing', 'done'])),
    )
    .orderBy(asc(batches.createdAt), asc(batches.id));
  return rows.flatMap(({ parquet }) => parquet ?? []);
}

/** A model's batches of observations, also those that are still to be read, oldest first. */
export async function listObservations(db: Db, modelId: string, version?: number): Promise<string[]> {
  const rows = await db
    .select({ id: batches.id })
    .from(batches)
    .where(
      and(
        eq(batches.modelId, modelId),
        eq(batches.kind, 'observations'),
        inArray(batches.state, ['received', 'processing', 'done']),
        version === undefined ? undefined : eq(batches.version, version),
      ),
    )
    .orderBy(asc(batches.createdAt), asc(batches.id));
  return rows.map(({ id }) => id);
}

export async function findReference(db: Db, modelId: string, version: number): Promise<Reference | undefined> {
  const [row] = await db
    .select()
    .from(references)
    .where(and(eq(references.modelId, modelId), eq(references.version, version), references.current));
  return row && { ...row, columns: row.columns as MeasuredColumn[], profile: row.profile as ReferenceProfile };
}

/**
 * One at a time judges the windows of a reference: of two, the first to look at what is in a window would otherwise be the last to write.
 * Its model's lock comes first, as in `lockBatch`.
 */
export async function lockReference(tx: Db, { id, modelId }: Pick<Reference, 'id' | 'modelId'>): Promise<void> {
  await tx.select({ id: models.id }).from(models).where(eq(models.id, modelId)).for('key share');
  await tx.select({ id: references.id }).from(references).where(eq(references.id, id)).for('no key update');
}

/** A reference's columns and where it came from, without its profile: that weighs some hundred kilobytes. */
export async function findReferenceColumns(
  db: Db,
  modelId: string,
  version: number,
): Promise<{ batchId: string; columns: MeasuredColumn[] } | undefined> {
  const [row] = await db
    .select({ batchId: references.batchId, columns: references.columns })
    .from(references)
    .where(and(eq(references.modelId, modelId), eq(references.version, version), references.current));
  return row && { batchId: row.batchId, columns: row.columns as MeasuredColumn[] };
}

type Counts = Pick<WindowCounts, 'columns' | 'performance' | 'attributions'>;
export type Contribution = { start: Date; end: Date; n: number; counts: Counts };

/** What the batches added to some windows of a reference, to be judged anew. */
export async function listContributions(
  db: Db,
  modelId: string,
  referenceId: string,
  starts: Date[],
): Promise<Contribution[]> {
  const { start, end, n, counts, batchId } = windowContributions;
  const rows = await db
    .select({ start, end, n, counts })
    .from(windowContributions)
    .where(
      and(
        eq(windowContributions.modelId, modelId),
        eq(windowContributions.referenceId, referenceId),
        inArray(start, starts),
      ),
    )
    .orderBy(asc(start), asc(batchId));
  return rows.map((row) => ({ ...row, counts: row.counts as Counts }));
}

/** Converted files of batches, oldest first, where they are still kept, with the columns they were converted to. */
export async function listParquet(
  db: Db,
  batchIds: readonly string[],
): Promise<{ parquet: string; columns: MeasuredColumn[]; timestamp: string | null; bytes: number }[]> {
  if (batchIds.length === 0) return [];
  const rows = await db
    .select({ parquet: batches.parquetPath, columns: batches.columns, bytes: batches.bytes })
    .from(batches)
    .where(inArray(batches.id, [...batchIds]))
    .orderBy(asc(batches.createdAt), asc(batches.id));
  const kept = await Promise.all(rows.map(async ({ parquet }) => parquet !== null && (await hasBlob(parquet))));
  return rows.flatMap(({ parquet, columns: held, bytes }, i) => {
    const columns = (held ?? []) as MeasuredColumn[];
    const timestamp = columns.find((column) => column.role === 'timestamp')?.name ?? null;
    return parquet && kept[i] ? [{ parquet, columns, timestamp, bytes }] : [];
  });
}

/** Which batches added rows to a range. */
export async function listBatchesWithin(
  db: Db,
  reference: Pick<Reference, 'id' | 'modelId'>,
  range: { from: Date; to: Date },
): Promise<string[]> {
  const rows = await db
    .selectDistinct({ batchId: windowContributions.batchId })
    .from(windowContributions)
    .where(
      and(
        eq(windowContributions.modelId, reference.modelId),
        eq(windowContributions.referenceId, reference.id),
        gte(windowContributions.start, range.from),
        lt(windowContributions.start, range.to),
      ),
    );
  return rows.map((row) => row.batchId);
}

/**
 * How many files of observations are counted on a reference, of those its version has. After a new reference the others are read anew
 * one by one, each by a job of its own that may be killed and run again.
 */
export async function countRecounted(
  db: Db,
  reference: Pick<Reference, 'id' | 'modelId' | 'version'>,
): Promise<{ counted: number; total: number }> {
  const counted = sql<boolean>`exists (select 1 from ${windowContributions}
    where ${windowContributions.modelId} = ${batches.modelId} and ${windowContributions.referenceId} = ${reference.id}
      and ${windowContributions.batchId} = ${batches.id})`;
  const [row] = await db
    .select({ counted: sql<string>`count(*) filter (where ${counted})`, total: sql<string>`count(*)` })
    .from(batches)
    .where(
      and(
        eq(batches.modelId, reference.modelId),
        eq(batches.version, reference.version),
        eq(batches.kind, 'observations'),
        inArray(batches.state, ['processing', 'done']),
      ),
    );
  return { counted: Number(row?.counted ?? 0), total: Number(row?.total ?? 0) };
}

export async function listExternalMetrics(db: Db, modelId: string, metric: string) {
  return db
    .select()
    .from(externalMetrics)
    .where(
      and(eq(externalMetrics.modelId, modelId), eq(externalMetrics.metric, metric), eq(externalMetrics.segment, '')),
    )
    .orderBy(asc(externalMetrics.at));
}
