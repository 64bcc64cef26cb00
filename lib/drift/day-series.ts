import { DAY_MS } from '../base/time.ts';
import { mergeColumn } from '../measurements/counts.ts';
import { metric as measure, mergePerformance } from '../measurements/performance.ts';
import type { ColumnCounts, MetricName, PerformanceState, ReferenceProfile } from '../measurements/schema.ts';
import { compareColumn } from './compare.ts';
import { inContentOrder } from './merge.ts';

/** One window of a metric; the same shape the evaluator takes. */
export type MetricPoint = {
  at: string;
  value: number | null;
  lo: number | null;
  hi: number | null;
  n: number;
  positives: number | null;
};

/** What one batch adds to one day of a version: its rows, and the part of its counts that a figure is made of. */
export type DayPart = { version: number; start: Date; end: Date; n: number; part: unknown };

/** The rows of a window, of one version. `sum` is null where no part held anything of the figure. */
export type DayWindow<S> = { version: number; n: number; sum: S | null };

/** How a figure is made of parts: `of` reads one, `merge` sums two, `read` answers for the sum. */
export type Figure<S> = {
  of: (part: unknown) => S | null;
  merge: (a: S, b: S) => S;
  read: (window: DayWindow<S>) => Omit<MetricPoint, 'at'>;
};

const NOTHING: Omit<MetricPoint, 'at'> = { value: null, lo: null, hi: null, n: 0, positives: null };

/**
 * A point a day, each over the last `days` days up to it; a day without data has a point too, with no value. Of the versions that have
 * rows in a window the one that served at its end is read, else the highest. Parts of a day are summed once, in the order of their
 * content, and days in the order of time: to the last bit the same however files came, at no more than a merge a part and `days` a point.
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
    let n = 0;
    let sum: S | null = null;
    for (const day of inWindow) {
      const mine = day.versions.get(version);
      if (!mine) continue;
      n += mine.n;
      sum = added(sum, mine.sum(), figure);
    }
    return { at, ...figure.read({ version, n, sum }) };
  });
}

/** A performance metric with its interval. */
export function performanceFigure(name: MetricName): Figure<PerformanceState> {
  return {
    of: (part) => (part as PerformanceState | null) || null,
    merge: mergePerformance,
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
  merge: () => null,
  read: ({ n }) => ({ ...NOTHING, value: n, n }),
};

/**
 * PSI of a column, or the largest of all (`max`): only what is beyond its own noise counts as change.
 * @param profiles the reference of each version
 */
export function psiFigure(
  profiles: ReadonlyMap<number, ReferenceProfile>,
  wanted: string,
): Figure<ReadonlyMap<string, ColumnCounts>> {
  return {
    of: (part) =>
      new Map(
        Object.entries(part as Record<string, ColumnCounts | null>).flatMap(([name, counts]) =>
          counts ? [[name, counts] as const] : [],
        ),
      ),
    merge: (a, b) => {
      const merged = new Map(a);
      for (const [name, counts] of b) {
        const held = merged.get(name);
        merged.set(name, held ? mergeColumn(held, counts) : counts);
      }
      return merged;
    },
    read: ({ version, n, sum }) => {
      const profile = profiles.get(version);
      const values = (profile?.columns ?? [])
        .filter((column) => wanted === 'max' || column.name === wanted)
        .flatMap((column) => {
          const counts = sum?.get(column.name);
          if (!counts) return [];
          const result = compareColumn(column, counts, profile!.columns.length);
          return result.state === 'too_few' ? [] : [result.psi];
        });
      return { ...NOTHING, n, value: values.length ? Math.max(...values) : null };
    },
  };
}

function added<S>(sum: S | null, next: S | null, figure: Figure<S>): S | null {
  return sum !== null && next !== null ? figure.merge(sum, next) : (sum ?? next);
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
    const ordered = inContentOrder(parts.map((part) => ({ ...part, counts: part.part })));
    return ordered.map(({ part }) => figure.of(part)).reduce((sum, next) => added(sum, next, figure), null);
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
