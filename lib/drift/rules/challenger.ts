import type { MetricName } from '../../measurements/schema.ts';
import type { PerformancePoint } from '../schema.ts';

/** A figure with its 95 % interval; what a window has of it. */
export type Interval = { value: number; lo: number; hi: number };

/** Two versions in one window of time: what each did, and by how much the second differs; null where either cannot be judged. */
export type Pair = {
  start: string;
  end: string;
  live: PerformancePoint;
  candidate: PerformancePoint;
  difference: Interval | null;
};

const LESS_IS_BETTER: ReadonlySet<string> = new Set<MetricName>(['brier', 'log_loss', 'mae', 'rmse', 'mape']);
/** Neither more nor less of it is better. */
const UNDIRECTED: ReadonlySet<string> = new Set<MetricName>(['bias']);

/** Whether a rise of the metric is good (1), bad (-1) or neither (0). */
export const directionOf = (metric: string): 1 | 0 | -1 =>
  UNDIRECTED.has(metric) ? 0 : LESS_IS_BETTER.has(metric) ? -1 : 1;

/** A window's figure, where there are enough outcomes to tell one. */
export const judged = ({ value, lo, hi, reason }: PerformancePoint): Interval | null =>
  value === null || lo === null || hi === null || reason !== null ? null : { value, lo, hi };

/**
 * The difference of two figures from their own intervals (MOVER, Zou and Donner 2008; for two shares with Wilson's intervals it
 * is Newcombe's method 10). It takes them for independent: rows that both versions answered vary together, so that the interval is
 * rather too wide than too narrow.
 */
export function differenceOf(candidate: Interval, live: Interval): Interval {
  const value = candidate.value - live.value;
  return {
    value,
    lo: value - Math.hypot(candidate.value - candidate.lo, live.hi - live.value),
    hi: value + Math.hypot(candidate.hi - candidate.value, live.value - live.lo),
  };
}

/**
 * The windows that both versions saw. Only the same stretch of time is compared: days on which one of them had no rows say
 * nothing about the two.
 * @returns `pairs` in the order of time, and how many windows of the candidate have no counterpart
 */
export function pairWindows(
  live: readonly PerformancePoint[],
  candidate: readonly PerformancePoint[],
): { pairs: Pair[]; alone: number } {
  const key = ({ start, end }: PerformancePoint): string => `${Date.parse(start)} ${Date.parse(end)}`;
  const held = new Map(live.filter(({ rows }) => rows > 0).map((point) => [key(point), point]));
  const seen = candidate.filter(({ rows }) => rows > 0);
  const pairs = seen.flatMap((point): Pair[] => {
    const same = held.get(key(point));
    if (!same) return [];
    const [a, b] = [judged(point), judged(same)];
    const difference = a && b && differenceOf(a, b);
    return [{ start: point.start, end: point.end, live: same, candidate: point, difference }];
  });
  pairs.sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
  return { pairs, alone: seen.length - pairs.length };
}

export type Verdict = 'better' | 'worse' | 'different' | 'open';

/** What a difference says: `open` where its interval holds nought, so that chance alone may have made it. */
export function verdictOf({ lo, hi }: Interval, metric: string): Verdict {
  if (lo <= 0 && hi >= 0) return 'open';
  const direction = directionOf(metric);
  if (direction === 0) return 'different';
  return lo > 0 === direction > 0 ? 'better' : 'worse';
}

/**
 * The mean of the windows' differences, each by the fewer of the two's outcomes, with its interval (MOVER over independent
 * windows); null where no window can be judged.
 */
export function meanDifference(pairs: readonly Pair[]): (Interval & { windows: number }) | null {
  const known = pairs.flatMap(({ difference, live, candidate }) =>
    difference ? [{ ...difference, n: Math.max(1, Math.min(live.n, candidate.n)) }] : [],
  );
  const n = known.reduce((sum, held) => sum + held.n, 0);
  if (known.length === 0) return null;
  const over = (of: (held: Interval) => number) => known.reduce((sum, held) => sum + (held.n / n) * of(held), 0);
  const spread = (of: (held: Interval) => number) => Math.hypot(...known.map((held) => (held.n / n) * of(held)));
  const value = over((held) => held.value);
  return {
    value,
    lo: value - spread((held) => held.value - held.lo),
    hi: value + spread((held) => held.hi - held.value),
    windows: known.length,
  };
}
