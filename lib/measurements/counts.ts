import { binCount } from './bins.ts';
import type { AttributionSums, ColumnBins, ColumnCounts, Moments, PackedCounts } from './schema.ts';

/** New values kept by name for a window. */
export const NEW_VALUES_KEPT = 10;

/** Seven bits of a number a byte, the eighth says that more follow (LEB128, as Protocol Buffers write their varints). */
const MORE = 0x80;

/**
 * Writes counts as base64 of bytes: twice the count of a bin, or twice the length of a run of empty bins less one. An hour of a continuous
 * column fills few of 1,020 bins, these rows are stored by the million, and a database takes a string as it is where it reads and
 * converts a list number by number.
 * @param counts whole numbers from 0 to 2^52
 */
export function packCounts(counts: ArrayLike<number>): PackedCounts {
  const bytes: number[] = [];
  const write = (token: number) => {
    for (let rest = token; ; rest = Math.floor(rest / MORE)) {
      if (rest < MORE) return void bytes.push(rest);
      bytes.push((rest % MORE) + MORE);
    }
  };
  let empty = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!;
    if (count === 0) {
      empty++;
      continue;
    }
    if (empty > 0) write(2 * empty - 1);
    empty = 0;
    write(2 * count);
  }
  if (empty > 0) write(2 * empty - 1);
  return Buffer.from(bytes).toString('base64');
}

/** The counts a `packCounts` was made of. A list is how they were stored before: counts, and runs of empty bins as negative numbers. */
export function unpackCounts(packed: PackedCounts): number[] {
  const counts: number[] = [];
  const read = (count: number, empty: number) => {
    if (empty === 0) counts.push(count);
    for (let i = 0; i < empty; i++) counts.push(0);
  };
  if (typeof packed !== 'string') {
    for (const entry of packed) read(entry, Math.max(0, -entry));
    return counts;
  }
  let [token, place] = [0, 1];
  for (const byte of Buffer.from(packed, 'base64')) {
    token += (byte % MORE) * place;
    place *= MORE;
    if (byte >= MORE) continue;
    read(token / 2, token % 2 === 1 ? (token + 1) / 2 : 0);
    [token, place] = [0, 1];
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
  const counts = packCounts(new Uint8Array(binCount(bins)));
  return { counts, missing: 0, nan: 0, inf: 0, moments: null, newCount: 0, newValues: [] };
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

/** A sum as it is told: null where no double holds it, or where an addend was not told. JSON knows no infinity. */
export const told = (sum: number): number | null => (Number.isFinite(sum) ? sum : null);
export const addSums = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : told(a + b);

/** Moments over both samples. Source: Chan, Golub, LeVeque 1979, the pairwise update of the sum of squares. */
export function mergeMoments(a: Moments | null, b: Moments | null): Moments | null {
  if (a === null || b === null) return a ?? b;
  const n = a.n + b.n;
  const gap = a.sum === null || b.sum === null ? Infinity : b.sum / b.n - a.sum / a.n;
  return {
    n,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    sum: addSums(a.sum, b.sum),
    m2: addSums(addSums(a.m2, b.m2), told((gap * gap * a.n * b.n) / n)),
  };
}

/** Sums over the rows of both: whole numbers, so that the order of merging leaves no trace. */
export function mergeAttributions(a: AttributionSums, b: AttributionSums): AttributionSums {
  const merged: AttributionSums = { ...a };
  for (const [of, { n, sum }] of Object.entries(b)) {
    const held = merged[of];
    merged[of] = held ? { n: held.n + n, sum: held.sum + sum } : { n, sum };
  }
  return Object.fromEntries(Object.entries(merged).sort(([x], [y]) => (x < y ? -1 : 1)));
}

/** The most frequent values, ties by name. */
export function topValues(counts: ReadonlyMap<string, number>): { value: string; count: number }[] {
  return [...counts]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, NEW_VALUES_KEPT)
    .map(([value, count]) => ({ value, count }));
}
