import { distinctUpTo, type Ranked, repeated, valuesAtRanks } from './ranks.ts';
import type { CategoricalBins, ColumnBins, NumericBins, SegmentCounts } from './schema.ts';

/** Fine bins of a continuous column. A multiple of the scoring bins, so that the deciles are fine edges. */
const FINE_BINS = 1020;
const SCORING_BINS = 10;
/** Up to this many distinct values each gets its own fine bin, which makes counts and AUC exact; with the deciles < 1,024 edges. */
const EXACT_DISTINCT = 1_014;
/** Cells of the grid that shortens the search for a fine bin: so many that most hold no edge and end it at once; 16 KB a column. */
const GRID_CELLS = 8_192;
/** Where no cell holds more edges, so many are compared in each: that costs less than one wrong guess of a branch. */
const COMPARED_EDGES = 3;
/** A category below this share of the reference shares the bin "other": its PSI term would be noise (drift.md 6a). */
const MIN_CATEGORY_SHARE = 0.01;
const MAX_CATEGORIES = 30;
/** Rare reference values kept by name so that they are not reported as new; beyond, newness is not judged. */
const MAX_RARE = 2_000;

/**
 * Quantile by linear interpolation, as numpy's default (type 7).
 * @param sorted ascending, finite, not empty
 * @param share between 0 and 1
 */
export function quantile(sorted: Ranked, share: number): number {
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  const below = sorted.at(low)!;
  const above = sorted.at(Math.min(low + 1, sorted.length - 1))!;
  const part = at - low;
  // numpy interpolates from the nearer end, so that an exact hit on either side is exact.
  return part >= 0.5 ? above - (above - below) * (1 - part) : below + (above - below) * part;
}

/**
 * Bins of a numeric column from its finite reference values. The scoring bins are the reference deciles, duplicates merged, ends
 * open, and each is a union of fine bins.
 * @param values finite, in any order; none gives a single bin
 * @returns the median as well; null when there are no values
 */
export function numericBinsOf(values: Float64Array): { bins: NumericBins; median: number | null } {
  if (values.length === 0) return { bins: { kind: 'numeric', edges: [], scoring: [0] }, median: null };
  const few = distinctUpTo(values, EXACT_DISTINCT);
  const sorted = few ? repeated(few) : ranksOfQuantiles(values);
  const deciles: number[] = [];
  for (let i = 1; i < SCORING_BINS; i++) deciles.push(quantile(sorted, i / SCORING_BINS));
  const fine = few ? few.values : innerQuantiles(sorted);
  const edges = ascendingUnique([...fine, ...deciles]);
  const scoring = [0, ...ascendingUnique(deciles).map((decile) => edges.indexOf(decile) + 1)];
  return { bins: { kind: 'numeric', edges, scoring }, median: quantile(sorted, 0.5) };
}

/** `numericBinsOf` without the median. */
export function numericBins(values: ArrayLike<number>): NumericBins {
  return numericBinsOf(Float64Array.from(values)).bins;
}

/** The values as if sorted, at the ranks that the quantiles of `numericBinsOf` ask for and nowhere else. */
function ranksOfQuantiles(values: Float64Array): Ranked {
  const ranks = new Set<number>();
  const ask = (share: number) => {
    const low = Math.floor((values.length - 1) * share);
    ranks.add(low).add(Math.min(low + 1, values.length - 1));
  };
  for (let i = 1; i < SCORING_BINS; i++) ask(i / SCORING_BINS);
  for (let i = 1; i < FINE_BINS; i++) ask(i / FINE_BINS);
  ask(0.5);
  const ascending = Int32Array.from(ranks).sort();
  const found = valuesAtRanks(values, ascending);
  const byRank = new Map(Array.from(ascending, (rank, i) => [rank, found[i]!]));
  return { length: values.length, at: (rank) => byRank.get(rank) };
}

/**
 * Bins of a categorical column from the reference's value counts (missing left out). Categories descend by count, then by name.
 * @param total rows counted, where `counts` holds only the most frequent values
 */
export function categoricalBins(counts: ReadonlyMap<string, number>, total = sum(counts.values())): CategoricalBins {
  const ranked = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const common = ranked.filter(([, count]) => count >= MIN_CATEGORY_SHARE * total).slice(0, MAX_CATEGORIES);
  const rare = ranked.slice(common.length).map(([value]) => value);
  return {
    kind: 'categorical',
    categories: common.map(([value]) => value),
    rare: rare.slice(0, MAX_RARE),
    rareComplete: rare.length <= MAX_RARE,
  };
}

/** Number of fine bins or categories, the last "other" included. */
export function binCount(bins: ColumnBins): number {
  return bins.kind === 'numeric' ? bins.edges.length + 1 : bins.categories.length + 1;
}

/** The scoring bin of each fine bin, and -1 for a row without one. */
export function scoringBinOf(bins: ColumnBins): Int32Array {
  const size = binCount(bins);
  const starts = bins.kind === 'numeric' ? bins.scoring : Array.from({ length: size }, (_, i) => i);
  const places = new Int32Array(size + 1).fill(-1);
  for (let fine = 0, at = 0; fine < size; fine++) {
    while (at + 1 < starts.length && starts[at + 1]! <= fine) at++;
    places[fine] = at;
  }
  return places;
}

/** Whether the fine bins are quantiles, each a stretch of values; else each is one value of the reference. */
export function isQuantileBinning(bins: NumericBins): boolean {
  return bins.edges.length === FINE_BINS - 1;
}

/** Index of the fine bin of a finite value: the first whose upper edge is not below it. */
export function fineBin(edges: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * `fineBin` for many values: an even grid over the edges leaves a step or two to search instead of ten. Exact, because a value's
 * cell never falls as the value grows: edges in earlier cells are below it, edges in later cells above.
 * @returns a function of a finite value
 */
export function binFinder(edges: Float64Array): (value: number) => number {
  const bins = new Int32Array(1);
  const one = new Float64Array(1);
  const find = binsFinder(edges);
  return (value) => {
    one[0] = value;
    find(one, 0, 1, bins);
    return bins[0]!;
  };
}

/** Bins of the values from `from` to before `to`, written at the same places. What is not finite gets the bin after the last. */
export function binsFinder(
  edges: Float64Array,
): (values: ArrayLike<number>, from: number, to: number, bins: Int32Array) => void {
  const size = edges.length + 1;
  const lowest = edges[0] ?? 0;
  const range = (edges[edges.length - 1] ?? 0) - lowest;
  const scale = GRID_CELLS / range;
  // Extreme edges overflow one or the other, and then there is no grid.
  if (edges.length < 8 || !Number.isFinite(range) || !Number.isFinite(scale)) {
    return (values, from, to, bins) => {
      for (let i = from; i < to; i++) bins[i] = Number.isFinite(values[i]!) ? fineBin(edges, values[i]!) : size;
    };
  }
  const edgesBefore = new Uint16Array(GRID_CELLS + 3);
  for (const edge of edges) edgesBefore[cellAt((edge - lowest) * scale) + 1]!++;
  const most = edgesBefore.reduce((a, b) => Math.max(a, b), 0);
  for (let cell = 1; cell < edgesBefore.length; cell++) edgesBefore[cell]! += edgesBefore[cell - 1]!;
  if (most > COMPARED_EDGES) {
    return (values, from, to, bins) => searchCells(values, from, to, bins, lowest, scale, edgesBefore, edges);
  }
  const padded = new Float64Array(edges.length + COMPARED_EDGES).fill(Infinity);
  padded.set(edges);
  return (values, from, to, bins) => compareInCells(values, from, to, bins, lowest, scale, edgesBefore, padded, size);
}

/** The cell of a place on the grid; the first and the last one hold all that lies off it. */
function cellAt(place: number): number {
  return place < 0 ? 0 : place >= GRID_CELLS ? GRID_CELLS + 1 : (place | 0) + 1;
}

// The loops take all they use as arguments: the compiler then keeps it in registers, which it does not for what a closure holds.

/** Finds each value's bin by halving the edges of its cell. */
function searchCells(
  values: ArrayLike<number>,
  from: number,
  to: number,
  bins: Int32Array,
  lowest: number,
  scale: number,
  edgesBefore: Uint16Array,
  edges: Float64Array,
): void {
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    const cell = cellAt((value - lowest) * scale);
    let low = edgesBefore[cell]!;
    let high = edgesBefore[cell + 1]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (edges[middle]! < value) low = middle + 1;
      else high = middle;
    }
    bins[i] = value - value === 0 ? low : edges.length + 1;
  }
}

/**
 * The same where no cell has more than three edges: three are compared in every cell, with no branch on the outcome, which leaves the
 * processor nothing to guess. Edges of later cells lie above the value and add nothing.
 * @param padded the edges, and three more that no value passes
 */
function compareInCells(
  values: ArrayLike<number>,
  from: number,
  to: number,
  bins: Int32Array,
  lowest: number,
  scale: number,
  edgesBefore: Uint16Array,
  padded: Float64Array,
  none: number,
): void {
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    const cell = cellAt((value - lowest) * scale);
    const at = edgesBefore[cell]!;
    const low = at + +(padded[at]! < value) + +(padded[at + 1]! < value) + +(padded[at + 2]! < value);
    bins[i] = value - value === 0 ? low : none;
  }
}

/** Fine counts summed to the bins that drift is scored on; categorical counts are those already. */
export function scoringCounts(bins: ColumnBins, counts: readonly number[]): number[] {
  if (bins.kind === 'categorical') return [...counts];
  return bins.scoring.map((from, i) => {
    const to = bins.scoring[i + 1] ?? counts.length;
    let sum = 0;
    for (let bin = from; bin < to; bin++) sum += counts[bin]!;
    return sum;
  });
}

/** Each scoring bin in words of its own: bounds (null where open) or the category; `other` for the rest. */
export type ScoringBin = { above: number | null; upTo: number | null } | { category: string } | { other: true };

export function scoringBins(bins: ColumnBins): ScoringBin[] {
  if (bins.kind === 'categorical') return [...bins.categories.map((category) => ({ category })), { other: true }];
  return bins.scoring.map((from, i) => {
    const next = bins.scoring[i + 1];
    return {
      above: from === 0 ? null : bins.edges[from - 1]!,
      upTo: next === undefined ? null : bins.edges[next - 1]!,
    };
  });
}

/** Every segment that a column can make, the rows without a value last. */
export function segmentsOf(bins: ColumnBins): SegmentCounts['segment'][] {
  return [...scoringBins(bins), { missing: true }];
}

function innerQuantiles(sorted: Ranked): number[] {
  const edges: number[] = [];
  for (let i = 1; i < FINE_BINS; i++) edges.push(quantile(sorted, i / FINE_BINS));
  return edges;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function ascendingUnique(values: number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
}
