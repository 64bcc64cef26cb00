/** Synthetic columns of known law, drawn from a seed: what a verdict is measured on. */

export type Draw = () => number;
export type Column = {
  name: string;
  kind: 'numeric' | 'categorical';
  draw(random: Draw, shift: number): number | string;
};

/** Mulberry32: small, fast and the same on every machine. Uniform in [0, 1). */
export function seeded(seed: number): Draw {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normal(random: Draw): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

const exponential = (random: Draw) => -Math.log(1 - random());

/** A sum of exponentials: Gamma with a whole shape. */
function gamma(random: Draw, shape: number): number {
  let sum = 0;
  for (let i = 0; i < shape; i++) sum += exponential(random);
  return sum;
}

function poisson(random: Draw, mean: number): number {
  const floor = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > floor; product *= random()) count++;
  return count;
}

/** A number whose standard deviation is known (of Cauchy and Pareto: the quartile range over 1.349, they have none). */
const number = (name: string, deviation: number, draw: Draw1): Column => ({
  name,
  kind: 'numeric',
  draw: (random, shift) => draw(random) + shift * deviation,
});
type Draw1 = (random: Draw) => number;

/** Categories are slices of a hidden normal value, so that a shift in deviations means the same for them. */
function category(name: string, shares: readonly number[]): Column {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const cuts: number[] = [];
  shares.reduce((sum, share) => {
    cuts.push(sum + share / total);
    return sum + share / total;
  }, 0);
  return {
    name,
    kind: 'categorical',
    draw(random, shift) {
      const at = upTo(normal(random) + shift);
      const slice = cuts.findIndex((cut) => at <= cut);
      return `v${slice < 0 ? shares.length - 1 : slice}`;
    },
  };
}

/** P(Z ≤ z) by the logistic-like fit of Bowling et al. 2009: a bench needs the same slices every time, not many digits. */
function upTo(z: number): number {
  return 1 / (1 + Math.exp(-1.5976 * z - 0.07056 * z ** 3));
}

const zipf = (values: number) => Array.from({ length: values }, (_, i) => 1 / (i + 1));

/** Fourteen numbers from tame to wild, six texts from two values to five hundred. */
export const COLUMNS: readonly Column[] = [
  number('normal', 1, normal),
  number('uniform', Math.sqrt(1 / 12), (random) => random()),
  number('exponential', 1, exponential),
  number('gamma 3', Math.sqrt(3), (random) => gamma(random, 3)),
  number('lognormal', 2.161, (random) => Math.exp(normal(random))),
  number('lognormal, wild', 2.97, (random) => Math.exp(2 * normal(random))),
  number('cauchy', 1.483, (random) => Math.tan(Math.PI * (random() - 0.5))),
  number('pareto 1.5', 1.084, (random) => (1 - random()) ** (-1 / 1.5)),
  number('two humps', 2.236, (random) => normal(random) + (random() < 0.5 ? -2 : 2)),
  number('laplace', Math.SQRT2, (random) => exponential(random) * (random() < 0.5 ? -1 : 1)),
  number(
    'student 3',
    Math.sqrt(3),
    (random) => normal(random) / Math.sqrt((2 * gamma(random, 1) + normal(random) ** 2) / 3),
  ),
  number('age, whole years', 12, (random) => Math.round(40 + 12 * normal(random))),
  number('count, poisson 4', 2, (random) => poisson(random, 4)),
  number('score, two decimals', 0.25, (random) => Math.round(100 / (1 + Math.exp(-1.5 * normal(random)))) / 100),
  category('two values, even', [1, 1]),
  category('two values, 1 in 20', [19, 1]),
  category('five values', [35, 25, 20, 15, 5]),
  category(
    'twenty values',
    Array.from({ length: 20 }, () => 1),
  ),
  category('hundred values, zipf', zipf(100)),
  category('five hundred values, zipf', zipf(500)),
];
