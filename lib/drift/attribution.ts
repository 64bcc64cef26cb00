import { ownValue } from '../base/own-value.ts';
import { MIN_LABELS } from '../measurements/rules.ts';
import type { AttributionSums } from '../measurements/schema.ts';
import type { AttributionState } from './schema.ts';

/** Below this the window ranks the features otherwise than the reference: the limit of SageMaker's feature attribution drift. */
export const NDCG_LIMIT = 0.9;
/** Rows with attributions below which a window's ranking is mostly chance: the minimum that metrics have. */
export const MIN_ATTRIBUTED = MIN_LABELS;

/** Each feature's part of the sum of all mean |attribution|; a feature without rows has none. Empty where all are zero. */
export function attributionShares(sums: AttributionSums): Record<string, number> {
  // In the order of names: a sum of fractions must not depend on how the features were listed.
  const named = Object.entries(sums).sort(([a], [b]) => (a < b ? -1 : 1));
  const means = named.flatMap(([name, { n, sum }]) => (n > 0 ? [[name, sum / n] as const] : []));
  const total = means.reduce((held, [, mean]) => held + mean, 0);
  return total > 0 ? Object.fromEntries(means.map(([name, mean]) => [name, mean / total])) : {};
}

/**
 * How well a window's ranking of the features keeps the reference's: normalised discounted cumulative gain (Järvelin and Kekäläinen,
 * ACM TOIS 20, 2002) as SageMaker Clarify takes it for attribution drift. A feature's gain is its reference attribution, discounted by
 * log2(place + 1) in the window's order; 1 is the reference's own order. Of features equal in the window, the first by name leads.
 * @param reference parts of mean |attribution|, over the features to rank
 * @param current the same of the window; a feature it lacks ranks last
 * @returns null where nothing moves the reference's answers
 */
export function ndcg(
  reference: Readonly<Record<string, number>>,
  current: Readonly<Record<string, number>>,
): number | null {
  const names = Object.keys(reference);
  const gain = (name: string) => reference[name]!;
  const gained = (order: readonly string[]) => order.reduce((sum, name, i) => sum + gain(name) / Math.log2(i + 2), 0);
  const by = (value: (name: string) => number) => names.toSorted((a, b) => value(b) - value(a) || (a < b ? -1 : 1));
  const ideal = gained(by(gain));
  return ideal > 0 ? Math.min(1, gained(by((name) => ownValue(current, name) ?? -1)) / ideal) : null;
}

/** What a ranking's agreement over `n` rows means. */
export function attributionState(agreement: number | null, n: number): AttributionState {
  if (agreement === null || n < MIN_ATTRIBUTED) return 'too_few';
  return agreement < NDCG_LIMIT ? 'moved' : 'alike';
}

/** Rows that a window's ranking rests on: of the feature with the fewest. */
export function attributedRows(sums: AttributionSums): number {
  const rows = Object.values(sums).map(({ n }) => n);
  return rows.length === 0 ? 0 : Math.min(...rows);
}
