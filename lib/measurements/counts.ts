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

/**
 * Reads packed counts bin by bin, runs of empty bins at once. A list is how they were stored before: counts, and runs of empty bins as
 * negative numbers.
 * @returns how many bins there are
 */
export function eachCount(packed: PackedCounts, read: (bin: number, count: number) => void): number {
  let bin = 0;
  if (typeof packed !== 'string') {
    for (const entry of packed) {
      if (entry < 0) bin -= entry;
      else read(bin++, entry);
    }
    return bin;
  }
  let [token, place] = [0, 1];
  for (const byte of Buffer.from(packed, 'base64')) {
    token += (byte % MORE) * place;
    place *= MORE;
    if (byte >= MORE) continue;
    if (token % 2 === 1) bin += (token + 1) / 2;
    else read(bin++, token / 2);
    [token, place] = [0, 1];
  }
  return bin;
}

/** The counts a `packCounts` was made of. */
export function unpackCounts(packed: PackedCounts): number[] {
  const counts: number[] = [];
  const size = eachCount(packed, (bin, count) => {
    while (counts.length < bin) counts.push(0);
    counts.push(count);
  });
  while (counts.length < size) counts.push(0);
  return counts;
}

/**
 * Sum, bin by bin, of one or more counts on the same bins. A day may come in thousands of pieces that each fill a few bins: only those
 * are touched, and the sum is packed once.
 */
export function sumCounts(parts: readonly PackedCounts[]): PackedCounts {
  if (parts.length === 1) return parts[0]!;
  const sum = Float64Array.from(unpackCounts(parts[0]!));
  const add = (bin: number, count: number) => {
    sum[bin]! += count;
  };
  for (const part of parts.slice(1)) {
    if (eachCount(part, add) !== sum.length) throw new RangeError('Counts on different bins cannot be added.');
  }
  return packCounts(sum);
}

/** A column without rows, to start a sum from. */
export function emptyColumn(bins: ColumnBins): ColumnCounts {
  const counts = packCounts(new Uint8Array(binCount(bins)));
  return { counts, missing: 0, nan: 0, inf: 0, moments: null, newCount: 0, newValues: [] };
}

/**
 * A column over the rows of one or more parts. Counts are exact, and moments are added one part after the other. The list of new values
 * keeps the most frequent ten of what the parts named, so its counts are lower bounds, while `newCount` is exact: all names are added
 * before the list is cut, so that a value which is never among the first ten of the sum so far is not lost, and no order is better.
 */
export function sumColumns(parts: readonly ColumnCounts[]): ColumnCounts {
  const sum = { missing: 0, nan: 0, inf: 0, newCount: 0 };
  const named = new Map<string, number>();
  let moments: Moments | null = null;
  for (const part of parts) {
    sum.missing += part.missing;
    sum.nan += part.nan;
    sum.inf += part.inf;
    sum.newCount += part.newCount;
    moments = mergeMoments(moments, part.moments);
    for (const { value, count } of part.newValues) named.set(value, (named.get(value) ?? 0) + count);
  }
  return { ...sum, counts: sumCounts(parts.map(({ counts }) => counts)), moments, newValues: topValues(named) };
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

/** Sums over the rows of all parts, by feature: whole numbers, so that the order of adding leaves no trace. */
export function sumAttributions(parts: readonly AttributionSums[]): AttributionSums {
  const sums = new Map<string, { n: number; sum: number }>();
  for (const part of parts) {
    for (const [of, { n, sum }] of Object.entries(part)) {
      const held = sums.get(of) ?? { n: 0, sum: 0 };
      sums.set(of, { n: held.n + n, sum: held.sum + sum });
    }
  }
  return Object.fromEntries([...sums].sort(([x], [y]) => (x < y ? -1 : 1)));
}

/** The most frequent values, ties by name. */
export function topValues(counts: ReadonlyMap<string, number>): { value: string; count: number }[] {
  return [...counts]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, NEW_VALUES_KEPT)
    .map(([value, count]) => ({ value, count }));
}
