import { homogeneity } from './contingency.ts';
import { hellinger, jensenShannon, lInfinity } from './divergence.ts';
import { ksStatistic, wasserstein } from './empirical.ts';
import { doaneEdges, equalWidthEdges, histogram } from './histogram.ts';

/**
 * The univariate drift methods of NannyML 0.13 under that tool's own binning and its rule for thresholds, for teams that compare.
 * Not used for any verdict: drift.md says why. Samples are cleaned (no missing values, no infinities); numeric ones ascend.
 */

/** Reference rows from which KS and Wasserstein are taken from equal-width bins, and how many there are. */
const BINNED_FROM = 10_000;
const BINS = 10_000;

/** A method fitted on a numeric reference. */
export function fitNumeric(
  method: 'kolmogorov_smirnov' | 'jensen_shannon' | 'wasserstein' | 'hellinger',
  reference: Float64Array,
): (current: Float64Array) => number {
  if (method === 'jensen_shannon' || method === 'hellinger') {
    const distance = method === 'hellinger' ? hellinger : jensenShannon;
    const edges = doaneEdges(reference);
    const before = histogram(reference, edges);
    return (current) => distance(...withOutside(before, histogram(current, edges), current.length));
  }
  if (reference.length < BINNED_FROM) {
    return (current) =>
      method === 'wasserstein' ? wasserstein(reference, current) : ksStatistic(reference, current).statistic;
  }
  const edges = equalWidthEdges(reference[0]!, reference[reference.length - 1]!, BINS);
  const below = cumulated(histogram(reference, edges), reference.length, 0);
  if (method === 'kolmogorov_smirnov') {
    return (current) => {
      const under = histogramBelow(current, edges[0]!) / current.length;
      const now = cumulated(histogram(current, edges), current.length, under);
      return below.reduce((largest, share, i) => Math.max(largest, Math.abs(share - now[i]!)), 0);
    };
  }
  return (current) => binnedWasserstein(edges, below, current);
}

/** A method fitted on a categorical reference. */
export function fitCategorical(
  method: 'chi2' | 'jensen_shannon' | 'l_infinity' | 'hellinger',
  reference: readonly string[],
): (current: readonly string[]) => number {
  const before = countValues(reference);
  return (current) => {
    const now = countValues(current);
    if (method === 'chi2' || method === 'l_infinity') {
      const keys = [...new Set([...before.keys(), ...now.keys()])];
      const [p, q] = [keys.map((key) => before.get(key) ?? 0), keys.map((key) => now.get(key) ?? 0)];
      return method === 'chi2' ? homogeneity(p, q, true).statistic : lInfinity(p, q);
    }
    const keys = [...before.keys()];
    const known = keys.map((key) => now.get(key) ?? 0);
    const distance = method === 'hellinger' ? hellinger : jensenShannon;
    return distance(...withOutside([...before.values()], known, current.length));
  };
}

/** Alert bounds of a metric from its values over the reference's chunks: mean ± 3 standard deviations (divisor n), cut to limits. */
export function chunkThresholds(
  values: readonly number[],
  limits: { lower?: number; upper?: number } = {},
): { lower: number; upper: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return {
    lower: Math.max(limits.lower ?? -Infinity, mean - 3 * deviation),
    upper: Math.min(limits.upper ?? Infinity, mean + 3 * deviation),
  };
}

/** Rows the bins do not hold share one more bin, which the reference never fills. */
function withOutside(reference: number[], current: number[], n: number): [number[], number[]] {
  const outside = n - current.reduce((sum, count) => sum + count, 0);
  return outside > 0
    ? [
        [...reference, 0],
        [...current, outside],
      ]
    : [reference, current];
}

function cumulated(counts: readonly number[], n: number, start: number): number[] {
  let sum = 0;
  return counts.map((count) => {
    sum += count;
    return start + sum / n;
  });
}

function histogramBelow(sorted: Float64Array, edge: number): number {
  let at = 0;
  while (at < sorted.length && sorted[at]! < edge) at++;
  return at;
}

/**
 * Area between the distribution functions on the bins, plus the area outside the reference's range. As in the tool, each tail is
 * taken with its end of the range as one more row, so a window beyond that range is overstated by about a row.
 */
function binnedWasserstein(edges: Float64Array, below: readonly number[], current: Float64Array): number {
  const n = current.length;
  const [low, high] = [edges[0]!, edges[edges.length - 1]!];
  const under = current.filter((value) => value < low);
  const over = current.filter((value) => value > high);
  const weight = (rows: Float64Array) => (rows.length === 0 ? 0 : (rows.length + 1) / n);
  const now = cumulated(histogram(current, edges), n, weight(under));
  const width = edges[1]! - low;
  const within = below.reduce((sum, share, i) => sum + Math.abs(share - now[i]!) * width, 0);
  return within + weight(under) * meanGap(under, low) + weight(over) * meanGap(over, high);
}

/** Mean distance of the rows to the end of the range, that end counted as a row. */
function meanGap(rows: Float64Array, end: number): number {
  return rows.reduce((sum, value) => sum + Math.abs(value - end), 0) / (rows.length + 1);
}

function countValues(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
