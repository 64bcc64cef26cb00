import { kolmogorovSurvival, oneSampleSurvival, twoSampleSurvival } from './kolmogorov.ts';

/** Largest side for which the exact p-value is computed: O(n·m), about a second at ten thousand each. */
export const EXACT_UP_TO = 10_000;

/** `location`: where the distribution functions are furthest apart; `sign` 1 where the reference's is above. */
export type KsStatistic = { statistic: number; location: number; sign: 1 | -1 };

/**
 * Two-sample Kolmogorov-Smirnov statistic: the largest distance of the two empirical distribution functions (Smirnov 1939). One
 * merge walk over both samples; ties count on both sides before the distance is taken.
 * @param reference ascending, finite, not empty
 * @param current ascending, finite, not empty
 */
export function ksStatistic(reference: ArrayLike<number>, current: ArrayLike<number>): KsStatistic {
  let best: KsStatistic = { statistic: 0, location: reference[0]!, sign: 1 };
  walk(reference, current, (value, _next, below, belowCurrent) => {
    const distance = below - belowCurrent;
    if (Math.abs(distance) > best.statistic)
      best = { statistic: Math.abs(distance), location: value, sign: distance > 0 ? 1 : -1 };
  });
  return best;
}

/**
 * `exact`: lattice paths; `asymptotic`: the one-sample distribution at n·m/(n+m) rows, as scipy; `limit`: Kolmogorov's; `stephens`:
 * the limit at Stephens' 1970 argument. `auto` is exact up to `EXACT_UP_TO` rows on both sides, asymptotic beyond.
 */
export type KsVariant = 'exact' | 'asymptotic' | 'limit' | 'stephens';

/** p-value of a two-sample statistic, and which variant computed it. n and m in rows. */
export function ksP(
  statistic: number,
  n: number,
  m: number,
  variant: KsVariant | 'auto' = 'auto',
): { p: number; variant: KsVariant } {
  const chosen = variant === 'auto' ? (Math.max(n, m) <= EXACT_UP_TO ? 'exact' : 'asymptotic') : variant;
  const effective = (n * m) / (n + m);
  const root = Math.sqrt(effective);
  const p = {
    exact: () => twoSampleSurvival(statistic, n, m),
    asymptotic: () => oneSampleSurvival(statistic, roundHalfEven(effective)),
    limit: () => kolmogorovSurvival(root * statistic),
    stephens: () => kolmogorovSurvival((root + 0.12 + 0.11 / root) * statistic),
  }[chosen]();
  return { p: Math.min(1, Math.max(0, p)), variant: chosen };
}

/**
 * First Wasserstein distance, in the column's unit: the area between the two empirical distribution functions (Vallender 1974).
 * @param reference ascending, finite, not empty
 * @param current ascending, finite, not empty
 */
export function wasserstein(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  let area = 0;
  walk(reference, current, (value, next, below, belowCurrent) => {
    if (next !== null) area += Math.abs(below - belowCurrent) * (next - value);
  });
  return area;
}

/** The distance in standard deviations of the reference (population form); the floor of 0.001 keeps a constant column finite. */
export function wassersteinNormed(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  return wasserstein(reference, current) / Math.max(0.001, populationDeviation(reference));
}

/** Standard deviation with divisor n, by two passes. */
export function populationDeviation(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  return Math.sqrt(squares / values.length);
}

/** Visits each distinct value ascending, with the share of each sample up to and including it, and the next distinct value. */
function walk(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  visit: (value: number, next: number | null, belowA: number, belowB: number) => void,
): void {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const value = nextOf(a, i, b, j);
    while (i < a.length && a[i]! <= value) i++;
    while (j < b.length && b[j]! <= value) j++;
    visit(value, i < a.length || j < b.length ? nextOf(a, i, b, j) : null, i / a.length, j / b.length);
  }
}

function nextOf(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number {
  return Math.min(i < a.length ? a[i]! : Infinity, j < b.length ? b[j]! : Infinity);
}

/** As numpy rounds, so that the asymptotic variant rests on the same number of rows. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
