import { and, asc, eq, gte, lt, type SQL, sql } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { windowPieces } from '../../db/schema/measurements.ts';
import type { Contribution, Reference } from './queries.ts';
import type { AttributionSums, ColumnCounts, WindowCounts } from './schema.ts';

type Owner = Pick<Reference, 'id' | 'modelId'>;
type Range = { from: Date; to: Date };

/** What judged windows are the sums of, in time order; several a window where several batches met it. */
export const listPieces = (db: Db, reference: Owner, range: Range): Promise<Contribution[]> =>
  readPieces(db, reference, range, sql<Contribution['counts']>`${windowPieces.counts}`);

/** Of one column alone: a twentieth of the bytes of the whole counts. */
export async function listColumnPieces(
  db: Db,
  reference: Owner,
  column: string,
  range: Range,
): Promise<Contribution[]> {
  const held = sql<ColumnCounts | null>`${windowPieces.counts}->'columns'->${column}::text`;
  const pieces = await readPieces(db, reference, range, held);
  return pieces.map(({ counts, ...piece }) => ({
    ...piece,
    counts: { columns: counts ? { [column]: counts } : {}, performance: null },
  }));
}

/** Only what performance is computed from: a fraction of the bytes of the whole counts. */
export async function listPerformanceStates(db: Db, reference: Owner, range: Range): Promise<Contribution[]> {
  const held = sql<WindowCounts['performance']>`${windowPieces.counts}->'performance'`;
  const pieces = await readPieces(db, reference, range, held);
  return pieces.map(({ counts, ...piece }) => ({ ...piece, counts: { columns: {}, performance: counts } }));
}

/** The sums of attributions; windows without any are left out. */
export async function listAttributions(
  db: Db,
  reference: Owner,
  range: Range,
): Promise<(Contribution & { counts: { attributions: AttributionSums } })[]> {
  const held = sql<AttributionSums>`${windowPieces.counts}->'attributions'`;
  const pieces = await readPieces(db, reference, range, held, sql`${windowPieces.counts} ? 'attributions'`);
  return pieces.map(({ counts, ...piece }) => ({
    ...piece,
    counts: { columns: {}, performance: null, attributions: counts },
  }));
}

/** The pieces of the judged windows of a reference in a range, with a part of their counts. */
async function readPieces<T>(db: Db, reference: Owner, range: Range, counts: SQL<T>, where?: SQL) {
  const { modelId, referenceId, batchId, start, end, n } = windowPieces;
  return db
    .select({ start, end, n, counts })
    .from(windowPieces)
    .where(
      and(
        eq(modelId, reference.modelId),
        eq(referenceId, reference.id),
        gte(start, range.from),
        lt(start, range.to),
        where,
      ),
    )
    .orderBy(asc(start), asc(batchId));
}
