import { Z95 } from './intervals.ts';

export type Share = { hits: number; n: number };
/** `hi` null: no bound, the other share may be zero. */
export type RatioInterval = { lo: number; hi: number | null };

/** Ratios beyond this are "no bound": one row in more than a reader may read, against all. */
const FARTHEST = 1e9;
/** Halvings of the search: from 42 on a log scale down to a relative 1e-15. */
const HALVINGS = 60;

/**
 * 95% interval of a ratio of two shares, `a / b`, by inverting the score test: Koopman, Biometrics 40 (1984) 513. Keeps its level for
 * few hits and needs no half row where a side has none, which the interval on log ratios (Katz et al., Biometrics 34 (1978) 469) does.
 * @returns undefined where neither side has a hit, which says nothing about their ratio
 */
export function koopman(a: Share, b: Share, z = Z95): RatioInterval | undefined {
  if (a.n === 0 || b.n === 0 || (a.hits === 0 && b.hits === 0)) return undefined;
  return {
    lo: a.hits === 0 ? 0 : crossing(a, b, z),
    hi: b.hits === 0 ? null : crossing(a, b, -z),
  };
}

/** The ratio at which the score statistic, which falls as the ratio grows, passes `level`. */
function crossing(a: Share, b: Share, level: number): number {
  let [low, high] = [-Math.log(FARTHEST), Math.log(FARTHEST)];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (score(a, b, Math.exp(middle)) > level) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/** How many standard errors the shares are away from `a = ratio * b`, with both shares fitted under it. */
function score(a: Share, b: Share, ratio: number): number {
  const distance = a.hits / a.n - (ratio * b.hits) / b.n;
  const fitted = likeliest(a, b, ratio);
  const upper = ratio * fitted;
  const variance = (upper * (1 - upper)) / a.n + (ratio * ratio * fitted * (1 - fitted)) / b.n;
  return variance > 0 ? distance / Math.sqrt(variance) : Math.sign(distance) * Infinity || 0;
}

/**
 * The likeliest share of `b` where that of `a` is `ratio` times it: the smaller root of the quadratic that the likelihood's slope
 * makes. Source: Koopman 1984, equation 2, written for the shares.
 */
function likeliest(a: Share, b: Share, ratio: number): number {
  const square = ratio * (a.n + b.n);
  const linear = a.hits + ratio * b.hits + ratio * a.n + b.n;
  const constant = a.hits + b.hits;
  // The other form of the root: no difference of two nearly equal numbers.
  const root = (2 * constant) / (linear + Math.sqrt(Math.max(0, linear * linear - 4 * square * constant)));
  return Math.min(root, 1, 1 / ratio);
}
