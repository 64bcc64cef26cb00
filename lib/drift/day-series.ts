import { ownValue } from '../base/own-value.ts';
import { DAY_MS } from '../base/time.ts';
import { scoringBinOf, scoringBins } from '../measurements/bins.ts';
import { eachCount } from '../measurements/counts.ts';
import { metric as measure, sumPerformance } from '../measurements/performance.ts';
import type {
  ColumnCounts,
  MetricName,
  PerformanceState,
  ProfiledColumn,
  ReferenceProfile,
} from '../measurements/schema.ts';
import { judgeCounts } from './compare.ts';
import { inContentOrder } from './merge.ts';
import type { MetricPoint } from './schema.ts';

/** What one batch adds to one day of a version: its rows, and the part of its counts that a figure is made of. */
export type DayPart = { version: number; start: Date; end: Date; n: number; part: unknown };

/** The rows of a window, of one version. `sum` is null where no part held anything of the figure. */
export type DayWindow<S> = { version: number; n: number; sum: S | null };

/** How a figure is made of parts: `of` reads one, `sum` adds one or more, `read` answers for the sum. */
export type Figure<S> = {
  of: (part: unknown, version: number) => S | null;
  sum: (parts: readonly S[]) => S;
  read: (window: DayWindow<S>) => Omit<MetricPoint, 'at'>;
};

const NOTHING: Omit<MetricPoint, 'at'> = { value: null, lo: null, hi: null, n: 0, positives: null };

/**
 * A point a day, each over the last `days` days up to it; a day without data has a point too, with no value. Of the versions that have
 * rows in a window the one that served at its end is read, else the highest. Parts of a day are summed once, in the order of
 * what the figure reads of them, and days in the order of time: to the last bit the same however files came, at no more than one
 * addition a part and `days` a point.
 * @param parts ascending in start
 * @param servedAt the version that served at an instant, or null
 */
export function daySeries<S>(
  parts: readonly DayPart[],
  days: number,
  servedAt: (at: Date) => number | null,
  figure: Figure<S>,
): MetricPoint[] {
  const held = heldDays(parts, figure);
  return everyDay(parts).map(({ end }): MetricPoint => {
    const at = end.toISOString();
    // Days end at midnight, and one may have 23 or 25 hours: half a day later than so many times 24 hours is none of them.
    const after = end.getTime() - days * DAY_MS + DAY_MS / 2;
    const inWindow = held.slice(placeAfter(held, after), placeAfter(held, end.getTime()));
    const version = versionOf(inWindow, servedAt(end));
    if (version === null) return { at, ...NOTHING };
    const mine = inWindow.flatMap((day) => day.versions.get(version) ?? []);
    const n = mine.reduce((rows, day) => rows + day.n, 0);
    const sum = sumOf(
      mine.map((day) => day.sum()),
      figure,
    );
    return { at, ...figure.read({ version, n, sum }) };
  });
}

/** A performance metric with its interval. */
export function performanceFigure(name: MetricName): Figure<PerformanceState> {
  return {
    of: (part) => (part as PerformanceState | null) || null,
    sum: sumPerformance,
    read: ({ sum }) => {
      if (sum === null) return NOTHING;
      const { value, lo, hi, n, positives = null } = measure(sum, name);
      return { value, lo, hi, n, positives };
    },
  };
}

/** How many rows came. */
export const rowsFigure: Figure<null> = {
  of: () => null,
  sum: () => null,
  read: ({ n }) => ({ ...NOTHING, value: n, n }),
};

/**
 * PSI of a column, or the largest of all (`max`): only what is beyond its own noise counts as change. Of every part only the counts on
 * the scoring bins are kept, a hundredth of the bins that it came with.
 * @param profiles the reference of each version
 */
export function psiFigure(
  profiles: ReadonlyMap<number, ReferenceProfile>,
  wanted: string,
): Figure<readonly (number[] | null)[]> {
  const asked = new Map(
    [...profiles].map(([version, { columns }]) => [
      version,
      columns.filter(({ name }) => wanted === 'max' || name === wanted).map(scoredColumn),
    ]),
  );
  return {
    of: (part, version) => {
      const held = part as Record<string, ColumnCounts | null>;
      return (asked.get(version) ?? []).map(({ name, score }) => {
        const counts = ownValue(held, name);
        return counts ? score(counts) : null;
      });
    },
    sum: (parts) => parts.reduce((a, b) => a.map((counts, i) => added(counts, b[i]!))),
    read: ({ version, n, sum }) => {
      const looks = profiles.get(version)?.columns.length ?? 0;
      const values = (asked.get(version) ?? []).flatMap(({ reference }, i) => {
        const counts = sum?.[i];
        if (!counts) return [];
        const { found, state } = judgeCounts(reference, counts, looks);
        return state === 'too_few' ? [] : [found.psi];
      });
      return { ...NOTHING, n, value: values.length ? Math.max(...values) : null };
    },
  };
}

/** A column of a reference, and how its counts add up on the bins that drift is scored on. */
function scoredColumn({ name, bins, counts }: ProfiledColumn) {
  const places = scoringBinOf(bins);
  const size = scoringBins(bins).length;
  const score = (column: ColumnCounts): number[] => {
    const scored = new Array<number>(size).fill(0);
    eachCount(column.counts, (bin, count) => {
      scored[places[bin]!]! += count;
    });
    return scored;
  };
  return { name, reference: score(counts), score };
}

function added(a: number[] | null, b: number[] | null): number[] | null {
  return a && b ? a.map((count, i) => count + b[i]!) : (a ?? b);
}

function sumOf<S>(parts: readonly (S | null)[], figure: Figure<S>): S | null {
  const held = parts.filter((part) => part !== null);
  return held.length > 0 ? figure.sum(held) : null;
}

type HeldVersion<S> = { n: number; sum: () => S | null };
type HeldDay<S> = { end: number; versions: ReadonlyMap<number, HeldVersion<S>> };

/** What came of each day, ascending in time, by version; a version's parts are summed when a window first asks for them. */
function heldDays<S>(parts: readonly DayPart[], figure: Figure<S>): HeldDay<S>[] {
  const days = [...Map.groupBy(parts, (part) => part.end.getTime())].sort(([a], [b]) => a - b);
  return days.map(([end, ofDay]) => {
    const versions = [...Map.groupBy(ofDay, (part) => part.version)];
    return { end, versions: new Map(versions.map(([version, mine]) => [version, heldVersion(mine, figure)])) };
  });
}

function heldVersion<S>(parts: readonly DayPart[], figure: Figure<S>): HeldVersion<S> {
  let known: { sum: S | null } | undefined;
  const total = () => {
    const read = parts.map(({ version, start, n, part }) => ({ start, n, counts: figure.of(part, version) }));
    return sumOf(
      inContentOrder(read).map(({ counts }) => counts),
      figure,
    );
  };
  return {
    n: parts.reduce((rows, part) => rows + part.n, 0),
    sum: () => {
      known ??= { sum: total() };
      return known.sum;
    },
  };
}

/** Place of the first day that ends after an instant. */
function placeAfter(days: readonly { end: number }[], instant: number): number {
  let [low, high] = [0, days.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (days[middle]!.end > instant) high = middle;
    else low = middle + 1;
  }
  return low;
}

function versionOf<S>(window: readonly HeldDay<S>[], served: number | null): number | null {
  if (served !== null && window.some((day) => day.versions.has(served))) return served;
  let top: number | null = null;
  for (const day of window) for (const version of day.versions.keys()) top = Math.max(top ?? 0, version);
  return top;
}

type Day = { start: Date; end: Date };

/** Every day from the first to the last with data; a hole in between is a day as well. */
function everyDay(rows: readonly Day[]): Day[] {
  const days: Day[] = [];
  for (const { start, end } of rows) {
    const last = days.at(-1);
    if (last && start.getTime() === last.start.getTime()) continue;
    for (let at = last?.end; at && start.getTime() - at.getTime() >= DAY_MS / 2; at = days.at(-1)!.end) {
      days.push({ start: at, end: new Date(Math.min(at.getTime() + DAY_MS, start.getTime())) });
    }
    days.push({ start, end });
  }
  return days;
}
