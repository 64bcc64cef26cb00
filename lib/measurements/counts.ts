import { binCount } from './bins.ts';
import type { ColumnBins, ColumnCounts, Moments, PackedCounts } from './schema.ts';

/** New values kept by name for a window. */
export const NEW_VALUES_KEPT = 10;

/**
 * Writes counts with each run of empty bins as one negative number: an hour of a continuous column fills few of 1,020 bins, and
 * these rows are stored by the million.
 */
export function packCounts(counts: ArrayLike<number>): PackedCounts {
  const packed: number[] = [];
  let empty = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!;
    if (count === 0) {
      empty++;
      continue;
    }
    if (empty > 0) packed.push(-empty);
    empty = 0;
    packed.push(count);
  }
  if (empty > 0) packed.push(-empty);
  return packed;
}

/** The counts a `packCounts` was made of. */
export function unpackCounts(packed: PackedCounts): number[] {
  const counts: number[] = [];
  for (const entry of packed) {
    if (entry >= 0) counts.push(entry);
    else for (let i = 0; i < -entry; i++) counts.push(0);
  }
  return counts;
}

/** Sum, bin by bin, of counts on the same bins. */
export function addCounts(a: PackedCounts, b: PackedCounts): PackedCounts {
  const left = unpackCounts(a);
  const right = unpackCounts(b);
  if (left.length !== right.length) throw new RangeError('Counts on different bins cannot be added.');
  return packCounts(left.map((count, i) => count + right[i]!));
}

/** A column without rows, to start a sum from. */
export function emptyColumn(bins: ColumnBins): ColumnCounts {
  return { counts: [-binCount(bins)], missing: 0, nan: 0, inf: 0, moments: null, newCount: 0, newValues: [] };
}

/**
 * A column over the rows of both. Counts are exact; the list of new values keeps the most frequent ten of what each side named, so
 * its counts are lower bounds, while `newCount` is exact.
 */
export function mergeColumn(a: ColumnCounts, b: ColumnCounts): ColumnCounts {
  const named = new Map<string, number>();
  for (const { value, count } of [...a.newValues, ...b.newValues]) named.set(value, (named.get(value) ?? 0) + count);
  return {
    counts: addCounts(a.counts, b.counts),
    missing: a.missing + b.missing,
    nan: a.nan + b.nan,
    inf: a.inf + b.inf,
    moments: mergeMoments(a.moments, b.moments),
    newCount: a.newCount + b.newCount,
    newValues: topValues(named),
  };
}

/** Moments over both samples. Source: Chan, Golub, LeVeque 1979, the pairwise update of the sum of squares. */
export function mergeMoments(a: Moments | null, b: Moments | null): Moments | null {
  if (a === null || b === null) return a ?? b;
  const n = a.n + b.n;
  const gap = b.sum / b.n - a.sum / a.n;
  return {
    n,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    sum: a.sum + b.sum,
    m2: a.m2 + b.m2 + (gap * gap * a.n * b.n) / n,
  };
}

/** The most frequent values, ties by name. */
export function topValues(counts: ReadonlyMap<string, number>): { value: string; count: number }[] {
  return [...counts]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, NEW_VALUES_KEPT)
    .map(([value, count]) => ({ value, count }));
}
