import { type Interval, wilson, Z95 } from './intervals.ts';

/**
 * Average precision (area under the precision-recall steps, as scikit-learn) from counts of each class on ascending score bins;
 * scores in one bin count as ties. The interval is the logit one of Boyd, Eng & Page 2013, which stays inside 0 and 1.
 * @returns null without a positive
 */
export function averagePrecision(
  positive: readonly number[],
  negative: readonly number[],
): ({ value: number; positives: number } & Interval) | null {
  const positives = positive.reduce((sum, count) => sum + count, 0);
  if (positives === 0) return null;
  let found = 0;
  let rows = 0;
  let value = 0;
  for (let i = positive.length - 1; i >= 0; i--) {
    if (positive[i] === 0 && negative[i] === 0) continue;
    found += positive[i]!;
    rows += positive[i]! + negative[i]!;
    value += (positive[i]! / positives) * (found / rows);
  }
  return { value, positives, ...logitInterval(Math.min(1, value), positives) };
}

function logitInterval(value: number, n: number): Interval {
  if (value >= 1) return wilson(n, n);
  const centre = Math.log(value / (1 - value));
  const half = Z95 / Math.sqrt(n * value * (1 - value));
  const expit = (x: number) => 1 / (1 + Math.exp(-x));
  return { lo: expit(centre - half), hi: expit(centre + half) };
}
