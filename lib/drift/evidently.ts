import { type CountTest, goodnessOfFit, twoProportions } from './contingency.ts';
import { jensenShannon, kullbackLeibler } from './divergence.ts';
import { ksP, ksStatistic, wassersteinNormed } from './empirical.ts';
import { histogram, sturgesEdges } from './histogram.ts';

/**
 * The drift tests of Evidently 0.7 under that tool's own binning, so that a team that moves over can check its numbers. Not used for
 * any verdict: drift.md says why. Samples are cleaned (no missing values, no infinities); numeric ones ascend.
 */
export type Sample =
  | { kind: 'numeric'; reference: Float64Array; current: Float64Array }
  | { kind: 'categorical'; reference: readonly string[]; current: readonly string[] };

/** Up to this many distinct reference values each has a bin of its own. */
const DISTINCT_BINS = 20;
/** Share put in place of an empty bin, unless a filled one is as small. */
const EMPTY_SHARE = 1e-4;
/** Reference rows beyond which distances replace p-values, and distinct values up to which numbers are treated as categories. */
const LARGE_REFERENCE = 1_000;
const FEW_VALUES = 5;
const P_THRESHOLD = 0.05;
const DISTANCE_THRESHOLD = 0.1;

/** Counts of both sides on one bin a value, or on Sturges' bins over the joint range. `keys` where bins are values. */
export function binnedCounts(sample: Sample): { reference: number[]; current: number[]; keys: string[] | null } {
  const byValue = sample.kind === 'categorical' || new Set(sample.reference).size <= DISTINCT_BINS;
  if (byValue) return valueCounts(sample);
  const edges = sturgesEdges(joined(sample.reference, sample.current));
  return { reference: histogram(sample.reference, edges), current: histogram(sample.current, edges), keys: null };
}

/** PSI with empty shares replaced, Σ (p - q) ln(p / q). */
export function evidentlyPsi(sample: Sample): number {
  const { p, q } = filledShares(sample);
  return p.reduce((sum, share, i) => sum + (share - q[i]!) * Math.log(share / q[i]!), 0);
}

/** Kullback-Leibler divergence on the same shares, renormalised, in nats. */
export function evidentlyKl(sample: Sample): number {
  const { p, q } = filledShares(sample);
  return kullbackLeibler(p, q);
}

/** Jensen-Shannon distance in base e, so at most 0.8326. */
export function evidentlyJensenShannon(sample: Sample): number {
  const { reference, current } = binnedCounts(sample);
  return jensenShannon(reference, current, Math.E);
}

/** Hellinger distance from densities on Sturges' bins of the distinct values; of categories, from shares. */
export function evidentlyHellinger(sample: Sample): number {
  if (sample.kind === 'categorical') {
    const { reference, current } = valueCounts(sample);
    const overlap = reference.reduce((sum, count, i) => sum + Math.sqrt(count * current[i]!), 0);
    return Math.sqrt(Math.max(0, 1 - overlap / Math.sqrt(sample.reference.length * sample.current.length)));
  }
  const distinct = Float64Array.from(new Set(joined(sample.reference, sample.current)));
  const edges = sturgesEdges(distinct);
  const [p, q] = [histogram(sample.reference, edges), histogram(sample.current, edges)];
  const overlap = p.reduce((sum, count, i) => sum + Math.sqrt(count * q[i]!), 0);
  return Math.sqrt(Math.max(0, 1 - overlap / Math.sqrt(sample.reference.length * sample.current.length)));
}

/** Chi-square p-value against the reference's counts as if they were exact. */
export function evidentlyChiSquare(sample: Sample): CountTest {
  const { reference, current } = valueCounts(sample);
  return goodnessOfFit(reference, current);
}

/** z-test p-value on the share of rows that are not the smallest value. */
export function evidentlyZ(sample: Sample): number {
  const { reference, current } = valueCounts(sample);
  const side = (counts: number[]) => {
    const n = counts.reduce((sum, count) => sum + count, 0);
    return { hits: n - counts[0]!, n };
  };
  return twoProportions(side(reference), side(current)).p;
}

export type EvidentlyVerdict = { method: string; score: number; threshold: number; drift: boolean };

/** What the tool's preset says of a column: the test is chosen by the reference's rows and the number of distinct values. */
export function evidentlyDefault(sample: Sample): EvidentlyVerdict {
  const distinct = valueCounts(sample).keys.length;
  const numbers = sample.kind === 'numeric' && distinct > FEW_VALUES;
  if (sample.reference.length > LARGE_REFERENCE) {
    const score = numbers ? wassersteinNormed(sample.reference, sample.current) : evidentlyJensenShannon(sample);
    const method = numbers ? 'Wasserstein distance (normed)' : 'Jensen-Shannon distance';
    return { method, score, threshold: DISTANCE_THRESHOLD, drift: score >= DISTANCE_THRESHOLD };
  }
  if (numbers) {
    const { statistic } = ksStatistic(sample.reference, sample.current);
    const { p } = ksP(statistic, sample.reference.length, sample.current.length);
    return { method: 'K-S p_value', score: p, threshold: P_THRESHOLD, drift: p <= P_THRESHOLD };
  }
  const p = distinct > 2 ? evidentlyChiSquare(sample).p : evidentlyZ(sample);
  const method = distinct > 2 ? 'chi-square p_value' : 'Z-test p_value';
  return { method, score: p, threshold: P_THRESHOLD, drift: p < P_THRESHOLD };
}

/** One bin a value of either side, values ascending. */
function valueCounts(sample: Sample): { reference: number[]; current: number[]; keys: string[] } {
  const [before, now] = [countValues(sample.reference), countValues(sample.current)];
  const keys = [...new Set([...before.keys(), ...now.keys()])];
  if (sample.kind === 'numeric') keys.sort((a, b) => Number(a) - Number(b));
  else keys.sort();
  return { reference: keys.map((key) => before.get(key) ?? 0), current: keys.map((key) => now.get(key) ?? 0), keys };
}

function countValues(values: Iterable<number | string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  return counts;
}

function filledShares(sample: Sample): { p: number[]; q: number[] } {
  const { reference, current } = binnedCounts(sample);
  return { p: filled(reference, sample.reference.length), q: filled(current, sample.current.length) };
}

function filled(counts: readonly number[], n: number): number[] {
  const shares = counts.map((count) => count / n);
  const smallest = Math.min(...shares.filter((share) => share > 0));
  const stand = smallest <= EMPTY_SHARE ? smallest / 1e6 : EMPTY_SHARE;
  return shares.map((share) => (share === 0 ? stand : share));
}

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const all = new Float64Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all.sort();
}
