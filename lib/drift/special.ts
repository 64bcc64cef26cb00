/** Where series and fractions stop: twice the spacing of doubles at 1. */
const EPSILON = 4e-16;
/** The series need some multiple of √a terms; a = 2,500 (5,000 degrees of freedom) takes a few hundred. */
const MAX_TERMS = 20_000;
const LOG_SQRT_2PI = 0.9189385332046728;

/** ln Γ(x) for x > 0. Stirling's series (Abramowitz & Stegun 6.1.41), reached by recurrence below 12. */
export function lgamma(x: number): number {
  let shift = 0;
  let at = x;
  while (at < 12) {
    shift += Math.log(at);
    at++;
  }
  const inverse = 1 / at;
  const square = inverse * inverse;
  const tail =
    inverse *
    (1 / 12 -
      square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188 - (square * 691) / 360360)))));
  return (at - 0.5) * Math.log(at) - at + LOG_SQRT_2PI + tail - shift;
}

/**
 * Regularised upper incomplete gamma Q(a, x), a > 0, x ≥ 0: series below a + 1, Lentz's continued fraction above (DLMF 8.11.4,
 * 8.9.2). Keeps its relative precision in the far tail; underflows to 0.
 */
export function gammaQ(a: number, x: number): number {
  if (x <= 0) return 1;
  const front = a * Math.log(x) - x - lgamma(a);
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < MAX_TERMS && term > sum * EPSILON; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - sum * Math.exp(front);
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let fraction = d;
  for (let i = 1; i < MAX_TERMS; i++) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < EPSILON) break;
  }
  return fraction * Math.exp(front);
}

/** P(Z > x) of the standard normal. */
export function normalSurvival(x: number): number {
  const tail = gammaQ(0.5, (x * x) / 2) / 2;
  return x >= 0 ? tail : 1 - tail;
}

/** P(Z ≤ x) of the standard normal. */
export function normalCdf(x: number): number {
  return normalSurvival(-x);
}

/** The x with P(Z ≤ x) = p, 0 < p < 1. Start: Abramowitz & Stegun 26.2.23 (error 4.5e-4); then Newton on ln of the tail. */
export function normalQuantile(p: number): number {
  if (p === 0.5) return 0;
  if (p > 0.5) return -normalQuantile(1 - p);
  const t = Math.sqrt(-2 * Math.log(p));
  let x = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (let i = 0; i < 8; i++) {
    const tail = normalSurvival(x);
    const density = Math.exp(-x * x * 0.5 - LOG_SQRT_2PI);
    const step = (Math.log(tail / p) * tail) / density;
    x += step;
    if (Math.abs(step) < 1e-15 * Math.abs(x)) break;
  }
  return -x;
}

/** P(X > x) of the chi-square distribution with `dof` degrees of freedom. */
export function chi2Survival(x: number, dof: number): number {
  return gammaQ(dof / 2, x / 2);
}

/**
 * The x with P(X > x) = tail, 0 < tail < 1. Start: Wilson & Hilferty 1931; then Newton on ln of the tail, which is concave and so
 * cannot run away; kept positive by halving.
 */
export function chi2UpperQuantile(tail: number, dof: number): number {
  if (dof <= 0) return 0;
  const h = 2 / (9 * dof);
  let x = dof * Math.max(0.01, 1 - h - normalQuantile(tail) * Math.sqrt(h)) ** 3;
  for (let i = 0; i < 60; i++) {
    const q = chi2Survival(x, dof);
    const density = Math.exp((dof / 2 - 1) * Math.log(x / 2) - x / 2 - lgamma(dof / 2)) / 2;
    const step = (Math.log(q / tail) * q) / density;
    const next = Math.max(x / 2, x + step);
    const close = Math.abs(next - x) < 1e-14 * x;
    x = next;
    if (close) break;
  }
  return x;
}
