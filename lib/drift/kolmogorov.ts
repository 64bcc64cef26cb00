import { lgamma } from './special.ts';

/** Below this the theta series in 1/x² converges faster than the alternating one. */
const SERIES_SWITCH = 0.82;
/** Limits between the algorithms of Simard & L'Ecuyer 2011, section 3: up to 140 exactly, beyond by expansion or one-sided tail. */
const SMALL_N = 140;
const SMALL_TAIL = 4;
const LARGE_TAIL = 2.2;
const MATRIX_N = 100_000;
const MATRIX_REACH = 1.4;
/** Terms of the expansions: the k-th is below e^(-k²) at every argument they are used for. */
const EXPANSION_TERMS = 20;
/** Keeps matrix powers inside the range of doubles. */
const RESCALE = 1e140;
const LOG_SQRT_2PI = 0.9189385332046728;

/** P(√n·D > x) as n grows: Kolmogorov's limit distribution (Marsaglia, Tsang & Wang 2003, equations 1 and 2). */
export function kolmogorovSurvival(x: number): number {
  if (x <= 0) return 1;
  let sum = 0;
  if (x < SERIES_SWITCH) {
    for (let k = 1; k <= EXPANSION_TERMS; k++) sum += Math.exp((-((2 * k - 1) ** 2) * Math.PI ** 2) / (8 * x * x));
    return 1 - (Math.sqrt(2 * Math.PI) / x) * sum;
  }
  for (let k = 1; k <= EXPANSION_TERMS; k++) sum += (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * x * x);
  return 2 * sum;
}

/**
 * P(D_n ≥ d) of the one-sample two-sided Kolmogorov-Smirnov statistic, n ≥ 1 whole. Simard & L'Ecuyer 2011, "Computing the
 * two-sided Kolmogorov-Smirnov distribution": closed forms at both ends, the matrix of Marsaglia, Tsang & Wang, twice the one-sided
 * tail, and the expansion of Pelz & Good. Relative error near 1e-12 up to n = 140, below 1e-5 where n is larger.
 */
export function oneSampleSurvival(d: number, n: number): number {
  const t = n * d;
  if (d >= 1) return 0;
  if (t <= 0.5) return 1;
  if (t <= 1) return 1 - product(n, (i) => (i * (2 * t - 1)) / n);
  if (t >= n - 1) return 2 * (1 - d) ** n;
  if (d >= 0.5) return Math.min(1, 2 * oneSidedSurvival(d, n));
  const square = t * d;
  if (n <= SMALL_N) return square <= SMALL_TAIL ? 1 - matrixCdf(d, n) : Math.min(1, 2 * oneSidedSurvival(d, n));
  if (square >= LARGE_TAIL) return Math.min(1, 2 * oneSidedSurvival(d, n));
  return n <= MATRIX_N && n * d ** 1.5 <= MATRIX_REACH ? 1 - matrixCdf(d, n) : Math.max(0, 1 - expansionCdf(d, n));
}

/**
 * P(D+ ≥ d) of the one-sided statistic (Smirnov 1944, Birnbaum & Tingey 1951): a sum of positive terms, each a binomial probability,
 * computed by Loader's saddle-point form so that none loses digits. O(n).
 */
export function oneSidedSurvival(d: number, n: number): number {
  let sum = Math.exp(n * Math.log1p(-d));
  const shift = n * d;
  for (let j = 1; j <= Math.floor(n - shift); j++) {
    const rest = n - j;
    if (rest - shift <= 0) continue;
    const deviance = shift - j * Math.log1p(shift / j) - shift - rest * Math.log1p(-shift / rest);
    const log = stirlingError(n) - stirlingError(j) - stirlingError(rest) - deviance;
    sum += (d * Math.exp(log) * Math.sqrt(n / (2 * Math.PI * j * rest))) / (d + j / n);
  }
  return sum;
}

/**
 * P(D_{n,m} ≥ d) of the two-sample statistic, exact when nothing is tied: the share of lattice paths that leave the band (Hodges
 * 1957), by a recursion over probabilities that only adds, so far tails keep their digits (Viehmann 2021). O(n·m) time, O(m) space.
 */
export function twoSampleSurvival(d: number, n: number, m: number): number {
  const common = gcd(n, m);
  const [nStep, mStep] = [n / common, m / common];
  // The statistic is a multiple of 1/lcm(n, m); whole numbers spare it from rounding.
  const height = Math.round(d * nStep * m);
  if (height <= 0) return 1;
  let row = new Float64Array(m + 1);
  let above = new Float64Array(m + 1);
  for (let i = 0; i <= n; i++) {
    for (let j = 0; j <= m; j++) {
      if (Math.abs(i * mStep - j * nStep) >= height) row[j] = 1;
      else if (i + j === 0) row[j] = 0;
      else row[j] = ((i === 0 ? 0 : i * above[j]!) + (j === 0 ? 0 : j * row[j - 1]!)) / (i + j);
    }
    [row, above] = [above, row];
  }
  return above[m]!;
}

/** ln n! less its Stirling approximation (Loader 2000). */
function stirlingError(n: number): number {
  if (n < 16) return lgamma(n + 1) - ((n + 0.5) * Math.log(n) - n + LOG_SQRT_2PI);
  const square = 1 / (n * n);
  return (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))) / n;
}

/** The matrix formula of Durbin as Marsaglia, Tsang & Wang 2003 compute it. */
function matrixCdf(d: number, n: number): number {
  const k = Math.floor(n * d) + 1;
  const size = 2 * k - 1;
  const h = k - n * d;
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let entry = i - j + 1 < 0 ? 0 : 1;
      if (j === 0) entry -= h ** (i + 1);
      if (i === size - 1) entry -= h ** (size - j);
      if (j === 0 && i === size - 1 && h > 0.5) entry += (2 * h - 1) ** size;
      for (let f = 2; f <= i - j + 1; f++) entry /= f;
      matrix[i * size + j] = entry;
    }
  }
  const middle = (k - 1) * size + k - 1;
  const { power, scalings } = matrixPower(matrix, size, n, middle);
  let result = power[middle]!;
  let exponent = scalings;
  for (let i = 1; i <= n; i++) {
    result = (result * i) / n;
    if (result < 1 / RESCALE) {
      result *= RESCALE;
      exponent--;
    }
  }
  return result * RESCALE ** exponent;
}

/** matrix^n = power · RESCALE^scalings, by squaring. */
function matrixPower(
  matrix: Float64Array,
  size: number,
  n: number,
  middle: number,
): { power: Float64Array; scalings: number } {
  if (n === 1) return { power: matrix, scalings: 0 };
  const half = matrixPower(matrix, size, Math.floor(n / 2), middle);
  let power = multiply(half.power, half.power, size);
  if (n % 2 === 1) power = multiply(matrix, power, size);
  if (power[middle]! <= RESCALE) return { power, scalings: 2 * half.scalings };
  return { power: power.map((entry) => entry / RESCALE), scalings: 2 * half.scalings + 1 };
}

function multiply(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const result = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const factor = a[i * size + k]!;
      if (factor === 0) continue;
      for (let j = 0; j < size; j++) result[i * size + j]! += factor * b[k * size + j]!;
    }
  }
  return result;
}

/** Pelz & Good 1976: the limit with its corrections up to n^(-3/2). */
function expansionCdf(d: number, n: number): number {
  const z = Math.sqrt(n) * d;
  const [z2, z4, z6] = [z ** 2, z ** 4, z ** 6];
  let [k0, k1, k2, k3, k2Whole, k3Whole] = [0, 0, 0, 0, 0, 0];
  for (let k = 0; k < EXPANSION_TERMS; k++) {
    const a = Math.PI ** 2 * (k + 0.5) ** 2;
    const half = Math.exp(-a / (2 * z2));
    k0 += half;
    k1 += (a - z2) * half;
    k2 += (6 * z6 + 2 * z4 + a * (2 * z4 - 5 * z2) + a * a * (1 - 2 * z2)) * half;
    k3 +=
      (a ** 3 * (5 - 30 * z2) + a * a * (-60 * z2 + 212 * z4) + a * (135 * z4 - 96 * z6) - 30 * z6 - 90 * z4 * z4) *
      half;
    const b = Math.PI ** 2 * k ** 2;
    const whole = Math.exp(-b / (2 * z2));
    k2Whole += b * whole;
    k3Whole += (3 * b * z2 - b * b) * whole;
  }
  // Both sums run over negative k as well, which double them.
  const root = 2 * Math.sqrt(Math.PI / 2);
  const terms = [
    k0 / z,
    k1 / (6 * z4),
    k2 / (72 * z ** 7) - k2Whole / (36 * z ** 3),
    k3 / (6480 * z ** 10) + k3Whole / (216 * z6),
  ];
  return root * terms.reduce((sum, term, i) => sum + term / n ** (i / 2), 0);
}

function product(n: number, factor: (i: number) => number): number {
  let result = 1;
  for (let i = 1; i <= n; i++) result *= factor(i);
  return result;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
