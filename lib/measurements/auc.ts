import { type Interval, normalInterval, wilson } from './intervals.ts';

/**
 * Area under the ROC curve from counts of each class on ascending score bins; scores in one bin count as ties.
 *
 * Exact when every bin holds one score, which is so for references of up to 1,014 distinct scores as long as the current scores
 * are among them. On 1,020 quantile bins the error is at most half the share of positive-negative pairs that meet in a bin,
 * about 0.0005. The interval is DeLong, DeLong, Clarke-Pearson 1988, on the same ties. Where its variance is zero (a perfect or
 * tiny sample) it would be a point; Wilson's interval with the size of the smaller class stands in.
 * @returns null when a class is empty
 */
export function aucFromCounts(
  positive: readonly number[],
  negative: readonly number[],
): ({ value: number; positives: number; negatives: number } & Interval) | null {
  const positives = sum(positive);
  const negatives = sum(negative);
  if (positives === 0 || negatives === 0) return null;

  let won = 0;
  let below = 0;
  for (let i = 0; i < positive.length; i++) {
    won += positive[i]! * (below + negative[i]! / 2);
    below += negative[i]!;
  }
  const value = won / (positives * negatives);

  const spread = (mine: readonly number[], other: readonly number[], n: number, others: number) => {
    let seen = 0;
    let squares = 0;
    for (let i = 0; i < mine.length; i++) {
      const placement = (seen + other[i]! / 2) / others;
      squares += mine[i]! * (placement - (mine === positive ? value : 1 - value)) ** 2;
      seen += other[i]!;
    }
    return n > 1 ? squares / (n - 1) / n : 0;
  };
  const variance = spread(positive, negative, positives, negatives) + spread(negative, positive, negatives, positives);
  const smaller = Math.min(positives, negatives);
  const interval = variance > 0 ? normalInterval(value, Math.sqrt(variance), 0, 1) : wilson(value * smaller, smaller);
  return { value, positives, negatives, ...interval };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
