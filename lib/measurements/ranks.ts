/** Ascending values that can be asked for by rank; arrays and typed arrays are. */
export type Ranked = { readonly length: number; at(rank: number): number | undefined };

/** Fewer values than this are sorted outright. */
const SORTED_BELOW = 4_096;
/** Cells of the grid that values are counted on: small enough for the cache, many enough that a cell is cheap to sort. */
const CELLS = 32_768;

/**
 * The values of some ranks, as a full sort would give them, at a fraction of its cost: values are counted on an even grid, and only
 * cells in which a rank falls are sorted. A crowded cell (a heavy tail stretches the grid) is treated in the same way again.
 * @param values finite, in any order; unchanged unless there are few
 * @param ranks ascending, each at least 0 and below the number of values
 * @returns one value a rank
 */
export function valuesAtRanks(values: Float64Array, ranks: ArrayLike<number>): Float64Array {
  const found = new Float64Array(ranks.length);
  if (ranks.length === 0) return found;
  const grid = values.length < SORTED_BELOW ? undefined : gridOf(values);
  if (!grid) {
    const sorted = values.slice().sort();
    for (let i = 0; i < ranks.length; i++) found[i] = sorted[ranks[i]!]!;
    return found;
  }
  const { lowest, scale } = grid;
  const counts = new Uint32Array(CELLS + 1);
  for (let i = 0; i < values.length; i++) counts[((values[i]! - lowest) * scale) | 0]!++;
  const wanted = wantedCells(counts, ranks);
  const held = wanted.map(({ count }) => new Float64Array(count));
  const places = new Int32Array(CELLS + 1).fill(-1);
  for (const [i, { cell }] of wanted.entries()) places[cell] = i;
  const filled = new Uint32Array(wanted.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const place = places[((value - lowest) * scale) | 0]!;
    if (place >= 0) held[place]![filled[place]!++] = value;
  }
  for (const [i, { first, last, below }] of wanted.entries()) {
    const inside = Int32Array.from({ length: last - first }, (_, at) => ranks[first + at]! - below);
    found.set(valuesAtRanks(held[i]!, inside), first);
  }
  return found;
}

/** The even grid over the values: a value's cell never falls as the value grows. None where they are all alike or span too much. */
function gridOf(values: Float64Array): { lowest: number; scale: number } | undefined {
  let lowest = values[0]!;
  let highest = lowest;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  const scale = CELLS / (highest - lowest);
  return Number.isFinite(highest - lowest) && Number.isFinite(scale) && highest > lowest
    ? { lowest, scale }
    : undefined;
}

/** Cells in which ranks fall, with those ranks (from `first` to before `last`) and how many values lie below the cell. */
function wantedCells(counts: Uint32Array, ranks: ArrayLike<number>) {
  const wanted: { cell: number; count: number; below: number; first: number; last: number }[] = [];
  let below = 0;
  let at = 0;
  for (let cell = 0; cell < counts.length && at < ranks.length; cell++) {
    const count = counts[cell]!;
    const first = at;
    while (at < ranks.length && ranks[at]! < below + count) at++;
    if (at > first) wanted.push({ cell, count, below, first, last: at });
    below += count;
  }
  return wanted;
}

/** The distinct values, ascending, or undefined as soon as there are more than `limit`. */
export function distinctUpTo(values: Float64Array, limit: number): Float64Array | undefined {
  const seen = new Set<number>();
  let last = Number.NaN;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === last) continue;
    last = value;
    seen.add(value);
    if (seen.size > limit) return undefined;
  }
  return Float64Array.from(seen).sort();
}
