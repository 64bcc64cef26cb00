import { and, eq } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { batches } from '../../db/schema/measurements.ts';
import { hasBlob } from './blobs.ts';
import { type EngineOptions, matchLabels, timeLimitMs } from './engine.ts';
import type { EngineAnswer } from './job.ts';
import type { BatchRow } from './queries.ts';
import type { ColumnRoles, MeasuredColumn, UploadWarning } from './schema.ts';

/**
 * Which files of observations are left as they are by labels, and a warning where ids are of no row in any. Where that cannot be found
 * out (too many at once, a file that is just being replaced), the labels are good all the same: all files are counted anew.
 */
export async function untouchedBy(
  db: Db,
  batch: BatchRow,
  labels: string,
  options: EngineOptions,
): Promise<EngineAnswer<{ untouched: string[]; warnings: UploadWarning[] }>> {
  const files = await listKept(db, batch.modelId);
  const bytes = files.reduce((sum, file) => sum + file.bytes, batch.bytes);
  const answer = await matchLabels({ labels, observations: files }, { ...options, timeoutMs: timeLimitMs(bytes) });
  if (!answer.ok) {
    const isCancelled = answer.errors.some(({ code }) => code === 'cancelled');
    return isCancelled ? answer : { ok: true, untouched: [], warnings: [] };
  }
  const { ids, unmatched, files: met } = answer.match;
  const untouched = files.flatMap(({ id }, i) => (met[i] ? [] : [id]));
  if (unmatched === 0) return { ok: true, untouched, warnings: [] };
  const column = (batch.roles as ColumnRoles).id ?? 'id';
  const message =
    unmatched === ids
      ? `None of the ${ids} ids in "${column}" is of a row that has come so far: are they the ids of the observations?`
      : `${unmatched} of ${ids} ids in "${column}" are of no row that has come so far; they count once their rows come.`;
  return { ok: true, untouched, warnings: [{ code: 'ids_unmatched', column, message }] };
}

/** A model's files of observations that nobody reads just now and that are still kept. */
async function listKept(
  db: Db,
  modelId: string,
): Promise<{ id: string; bytes: number; parquet: string; columns: MeasuredColumn[] }[]> {
  const rows = await db
    .select({ id: batches.id, bytes: batches.bytes, parquet: batches.parquetPath, columns: batches.columns })
    .from(batches)
    .where(and(eq(batches.modelId, modelId), eq(batches.kind, 'observations'), eq(batches.state, 'done')));
  const kept = await Promise.all(rows.map(async ({ parquet }) => parquet !== null && (await hasBlob(parquet))));
  return rows.flatMap(({ parquet, columns, ...row }, i) =>
    parquet && columns && kept[i] ? [{ ...row, parquet, columns: columns as MeasuredColumn[] }] : [],
  );
}
