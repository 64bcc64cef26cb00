import { isQuantileBinning, scoringCounts } from '../measurements/bins.ts';
import { unpackCounts } from '../measurements/counts.ts';
import type { ExactDistances } from '../measurements/job.ts';
import type { ColumnCounts, Moments, NumericBins, ProfiledColumn } from '../measurements/schema.ts';
import { gTest, homogeneity, twoProportions } from './contingency.ts';
import { hellinger, jensenShannon, lInfinity } from './divergence.ts';
import { ksP } from './empirical.ts';
import { psiOfUsedBins, totalVariation } from './psi.ts';
import type { MethodResult } from './schema.ts';

/** Share put in place of an empty bin by the older variant of PSI. */
const EMPTY_SHARE = 1e-4;
/** Cells of the exact Kolmogorov-Smirnov recursion that a request may cost: some twenty milliseconds. */
const EXACT_CELLS = 4_000_000;

/**
 * Every method of drift.md 1 that stored counts allow, for one column of one window, each under the name of its variant. No verdict
 * rests on these: they are for those who compare with other tools. Empty where a side has no filled rows.
 */
export function binnedMethods(reference: ProfiledColumn, current: ColumnCounts): MethodResult[] {
  const { bins } = reference;
  const [fineBefore, fineNow] = [unpackCounts(reference.counts.counts), unpackCounts(current.counts)];
  const [before, now] = [scoringCounts(bins, fineBefore), scoringCounts(bins, fineNow)];
  const { psi: score, n, referenceN } = psiOfUsedBins(before, now);
  if (n === 0 || referenceN === 0) return [];
  const on = bins.kind === 'numeric' ? 'reference_deciles' : 'reference_categories';
  const chi2 = homogeneity(before, now);
  const g = gTest(before, now);
  return [
    result('psi', `${on}_add_half`, score),
    result('psi', `${on}_empty_1e-4`, psiOfFilled(before, now)),
    result('jensen_shannon', `${on}_base_2`, jensenShannon(before, now)),
    result('hellinger', on, hellinger(before, now)),
    result('l_infinity', on, lInfinity(before, now)),
    result('total_variation', on, totalVariation(before, now)),
    result('chi_square', `${on}_homogeneity`, chi2.statistic, chi2.p),
    result('g_test', `${on}_homogeneity`, g.statistic, g.p),
    ...proportions(before, now),
    ...(bins.kind === 'numeric'
      ? onFineBins(bins, reference.counts.moments, current.moments, fineBefore, fineNow)
      : []),
  ];
}

/** Kolmogorov-Smirnov and Wasserstein from the rows themselves. */
export function exactMethods({ statistic, distance, deviation, n, referenceN }: ExactDistances): MethodResult[] {
  const { p, variant } = ksP(statistic, referenceN, n, referenceN * n <= EXACT_CELLS ? 'exact' : 'asymptotic');
  return [
    result('kolmogorov_smirnov', `rows_${variant}`, statistic, p),
    result('wasserstein', 'rows', distance),
    result('wasserstein', 'rows_per_reference_deviation', perDeviation(distance, deviation)),
  ];
}

function result(
  method: MethodResult['method'],
  variant: string,
  value: number | null,
  p: number | null = null,
): MethodResult {
  return { method, variant, value: value !== null && Number.isFinite(value) ? value : null, p };
}

function psiOfFilled(before: readonly number[], now: readonly number[]): number {
  const shares = (counts: readonly number[]) => {
    const n = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count) => (count === 0 ? EMPTY_SHARE : count / n));
  };
  const [p, q] = [shares(before), shares(now)];
  return p.reduce((sum, share, i) => sum + (share - q[i]!) * Math.log(share / q[i]!), 0);
}

/** Where two bins are all there is, the z-test of the share of the second. */
function proportions(before: readonly number[], now: readonly number[]): MethodResult[] {
  const used = before.map((_, i) => i).filter((i) => before[i]! + now[i]! > 0);
  const [first, second] = used;
  if (used.length !== 2 || first === undefined || second === undefined) return [];
  const side = (counts: readonly number[]) => ({ hits: counts[second]!, n: counts[first]! + counts[second]! });
  const { z, p } = twoProportions(side(before), side(now));
  return [result('two_proportion_z', 'pooled', z, p)];
}

/**
 * Kolmogorov-Smirnov and Wasserstein read from the fine bins. The statistic is short by at most the share of the fullest fine bin
 * (about a thousandth); rows are taken as spread evenly within a bin, unless bins are single values.
 */
function onFineBins(
  bins: NumericBins,
  referenceRange: Moments | null,
  range: Moments | null,
  before: readonly number[],
  now: readonly number[],
): MethodResult[] {
  if (!referenceRange || !range) return [];
  const gaps = distributionGaps(before, now, referenceRange.n, range.n);
  const statistic = gaps.reduce((largest, gap) => Math.max(largest, Math.abs(gap)), 0);
  const ends = [Math.min(referenceRange.min, range.min), ...bins.edges, Math.max(referenceRange.max, range.max)];
  const singleValues = !isQuantileBinning(bins);
  let distance = 0;
  for (const [i, gap] of gaps.entries()) {
    const width = Math.max(0, ends[i + 1]! - ends[i]!);
    const start = i === 0 ? 0 : gaps[i - 1]!;
    distance += width * (singleValues ? Math.abs(start) : meanAbsolute(start, gap));
  }
  const deviation = referenceRange.m2 === null ? null : Math.sqrt(referenceRange.m2 / referenceRange.n);
  const { p } = ksP(statistic, referenceRange.n, range.n, 'stephens');
  return [
    result('kolmogorov_smirnov', 'reference_fine_bins_stephens', statistic, p),
    result('wasserstein', 'reference_fine_bins', distance),
    result('wasserstein', 'reference_fine_bins_per_reference_deviation', perDeviation(distance, deviation)),
  ];
}

/** A distance in deviations of the reference; null where a huge value left one of them untold. */
const perDeviation = (distance: number | null, deviation: number | null): number | null =>
  distance === null || deviation === null ? null : distance / Math.max(0.001, deviation);

/** Difference of the two distribution functions at each bin's upper edge. */
function distributionGaps(before: readonly number[], now: readonly number[], n: number, m: number): number[] {
  let [below, belowNow] = [0, 0];
  return before.map((count, i) => {
    below += count;
    belowNow += now[i]!;
    return below / n - belowNow / m;
  });
}

/** Mean of |line| from one value to the other. */
function meanAbsolute(from: number, to: number): number {
  const sum = Math.abs(from) + Math.abs(to);
  if (from * to >= 0) return sum / 2;
  return (from * from + to * to) / (2 * sum);
}
