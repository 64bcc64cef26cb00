import type { Db } from '../../../db/client.ts';
import { sumAttributions } from '../../measurements/counts.ts';
import { listAttributions } from '../../measurements/pieces.ts';
import { findReference } from '../../measurements/queries.ts';
import { type CalendarUnit, calendar } from '../../measurements/windows.ts';
import {
  attributedRows,
  attributionShares,
  attributionState,
  MIN_ATTRIBUTED,
  NDCG_LIMIT,
  ndcg,
} from '../attribution.ts';
import { groupPieces } from '../merge.ts';
import type { AttributionsView } from '../schema.ts';
import type { Range } from './source.ts';

export type AttributionsQuery = Range & { version: number | null; unit: CalendarUnit; timezone: string };

/** Whether the features still move the answers as they did in the reference: a window's ranking of them beside the reference's. */
export async function getAttributions(db: Db, modelId: string, query: AttributionsQuery): Promise<AttributionsView> {
  const nothing = (state: AttributionsView['state']): AttributionsView => ({
    state,
    version: query.version,
    limit: NDCG_LIMIT,
    minimum: MIN_ATTRIBUTED,
    windows: [],
    features: [],
  });
  const found = query.version === null ? undefined : await findReference(db, modelId, query.version);
  if (!found) return nothing('no_reference');
  const before = attributionShares(found.profile.attributions?.sums ?? {});
  if (Object.keys(before).length === 0) return nothing('no_attributions');
  const pieces = await listAttributions(db, found, query);
  const whole = sumAttributions(pieces.map(({ counts }) => counts.attributions));
  const now = attributionShares(whole);
  const windows = groupPieces(pieces, calendar(query.unit, query.timezone)).map((piece) => {
    const sums = piece.counts.attributions ?? {};
    const shares = attributionShares(sums);
    const n = attributedRows(sums);
    const agreement = n === 0 ? null : ndcg(before, shares);
    return {
      start: piece.start.toISOString(),
      end: piece.end.toISOString(),
      n,
      ndcg: agreement,
      state: attributionState(agreement, n),
      shares,
    };
  });
  const features = Object.entries(before)
    .map(([name, reference]) => ({ name, reference, current: now[name] ?? null }))
    .sort((a, b) => b.reference - a.reference || (a.name < b.name ? -1 : 1));
  return { ...nothing(windows.length === 0 ? 'no_data' : 'ready'), windows, features };
}
