import { lgamma } from './special.ts';

/** Where the continued fraction stops: twice the spacing of doubles at 1. */
const EPSILON = 4e-16;
/** The fraction needs some multiple of √max(a, b) terms; a million degrees of freedom take under a thousand. */
const MAX_TERMS = 20_000;
/** Halvings that shrink the unit interval below the spacing of doubles near zero. */
const MAX_HALVINGS = 1_100;

/**
 * Regularised incomplete beta function I_x(a, b), a, b > 0, 0 ≤ x ≤ 1. Continued fraction of DLMF 8.17.22 by Lentz's method, from
 * whichever side converges. Keeps its relative precision in the lower tail; underflows to 0.
 * @param y 1 - x, where the caller knows it to more digits than x can hold
 */
export function betaInc(a: number, b: number, x: number, y = 1 - x): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  return x < (a + 1) / (a + b + 2) ? lowerTail(a, b, x, y) : 1 - lowerTail(b, a, y, x);
}

/** The x with I_x(a, b) = p, 0 ≤ p ≤ 1, to the last digits: Newton's steps on ln I, kept inside a bracket that halves. */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  let low = 0;
  let high = 1;
  let x = a / (a + b);
  for (let i = 0; i < MAX_HALVINGS; i++) {
    const found = betaInc(a, b, x);
    if (found < p) low = x;
    else high = x;
    const density = Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) - logBeta(a, b));
    const newton = x - (Math.log(found / p) * found) / density;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - x) <= EPSILON * x) return next;
    x = next;
  }
  return x;
}

/** P(T > t) of Student's t with `dof` degrees of freedom (not necessarily whole). */
export function tSurvival(t: number, dof: number): number {
  const squares = dof + t * t;
  const tail = betaInc(dof / 2, 0.5, dof / squares, (t * t) / squares) / 2;
  return t >= 0 ? tail : 1 - tail;
}

/** ln B(a, b), by the ratio of the larger gammas where their difference would lose digits. */
function logBeta(a: number, b: number): number {
  const [small, large] = a < b ? [a, b] : [b, a];
  if (large < 50) return lgamma(a) + lgamma(b) - lgamma(a + b);
  const ratio =
    (large - 0.5) * Math.log1p(small / large) +
    small * Math.log(large + small) -
    small +
    stirlingTail(large + small) -
    stirlingTail(large);
  return lgamma(small) - ratio;
}

/** ln Γ(x) less Stirling's leading terms, for large x (DLMF 5.11.1). */
function stirlingTail(x: number): number {
  const square = 1 / (x * x);
  return (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / x;
}

function lowerTail(a: number, b: number, x: number, y: number): number {
  const lnX = x > 0.5 ? Math.log1p(-y) : Math.log(x);
  const lnY = y > 0.5 ? Math.log1p(-x) : Math.log(y);
  const front = Math.exp(a * lnX + b * lnY - logBeta(a, b)) / a;
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1), tiny);
  let fraction = d;
  for (let m = 1; m < MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / notZero(1 + even * d, tiny);
    c = notZero(1 + even / c, tiny);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / notZero(1 + odd * d, tiny);
    c = notZero(1 + odd / c, tiny);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < EPSILON) break;
  }
  return front * fraction;
}

function notZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}
