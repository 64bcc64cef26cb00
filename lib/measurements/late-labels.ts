import { and, eq } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { batches } from '../../db/schema/measurements.ts';
import { AppError } from '../shell/errors.ts';
import { type EngineOptions, matchLabels, timeLimitMs } from './engine.ts';
import type { EngineAnswer } from './job.ts';
import type { BatchRow } from './queries.ts';
import type { ColumnRoles, MeasuredColumn, UploadWarning } from './schema.ts';

/** Most of what a small file takes is opening it. */
const MS_A_FILE = 20;

/**
 * Which files of observations are left as they are by labels, and a warning where ids are of no row in any. Where that cannot be found
 * out (too many at once, a file that is gone or just being replaced), the labels are good all the same: all files are counted anew.
 */
export async function untouchedBy(
  db: Db,
  batch: BatchRow,
  labels: string,
  options: EngineOptions,
): Promise<EngineAnswer<{ untouched: string[]; warnings: UploadWarning[] }>> {
  const files = await listKept(db, batch.modelId);
  const bytes = files.reduce((sum, file) => sum + file.bytes, batch.bytes);
  const timeoutMs = timeLimitMs(bytes) + files.length * MS_A_FILE;
  const answer = await matchLabels({ labels, observations: files }, { ...options, timeoutMs }).catch(ifGone);
  if (answer && !answer.ok && answer.errors.some(({ code }) => code === 'cancelled')) return answer;
  if (!answer?.ok) return { ok: true, untouched: [], warnings: [] };
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

/** Somebody removed a file from the bucket. */
function ifGone(error: unknown): undefined {
  if (!(error instanceof AppError && error.code === 'blob_gone')) throw error;
}

/** A model's converted files of observations that nobody reads just now. */
async function listKept(
  db: Db,
  modelId: string,
): Promise<{ id: string; bytes: number; parquet: string; columns: MeasuredColumn[] }[]> {
  const rows = await db
    .select({ id: batches.id, bytes: batches.bytes, parquet: batches.parquetPath, columns: batches.columns })
    .from(batches)
    .where(and(eq(batches.modelId, modelId), eq(batches.kind, 'observations'), eq(batches.state, 'done')));
  return rows.flatMap(({ parquet, columns, ...row }) =>
    parquet && columns ? [{ ...row, parquet, columns: columns as MeasuredColumn[] }] : [],
  );
}
