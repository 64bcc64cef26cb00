import { type Interval, normalInterval, wilson } from './intervals.ts';

/** Step of the central differences, in shares: the figures are smooth ratios, so this leaves ten digits of the slope. */
const STEP = 1e-5;

/**
 * 95% interval of a figure computed from the cells of one table, by the delta method on the multinomial shares (Agresti, Categorical
 * Data Analysis, 14.1). Where the slope vanishes at an end of the range (a perfect sample) it would be a point; Wilson's interval of
 * as many rows, stretched over the range, stands in.
 * @param cells counts, which `figure` takes as shares of their total
 * @param figure must depend on shares only, and be finite near them
 * @param range the figure's smallest and largest value
 * @param relevant rows the figure rests on, for the perfect case
 */
export function deltaInterval(
  cells: readonly number[],
  figure: (shares: readonly number[]) => number,
  range: readonly [number, number],
  relevant: number,
): Interval {
  const n = cells.reduce((sum, count) => sum + count, 0);
  const shares = cells.map((count) => count / n);
  const value = figure(shares);
  const slopes = shares.map((_, i) => {
    const moved = (step: number) => figure(shares.map((share, j) => (j === i ? share + step : share)));
    return (moved(STEP) - moved(-STEP)) / (2 * STEP);
  });
  const mean = slopes.reduce((sum, slope, i) => sum + slope * shares[i]!, 0);
  const variance = slopes.reduce((sum, slope, i) => sum + slope * slope * shares[i]!, 0) - mean * mean;
  const [low, high] = range;
  const atEnd = value - low < 1e-12 || high - value < 1e-12;
  if (atEnd) {
    const part = (value - low) / (high - low);
    const { lo, hi } = wilson(Math.round(part) * relevant, relevant);
    return { lo: low + lo * (high - low), hi: low + hi * (high - low) };
  }
  return normalInterval(value, Math.sqrt(Math.max(0, variance) / n), low, high);
}
