import { quantile } from '../measurements/bins.ts';
import { unpackCounts } from '../measurements/counts.ts';
import type { ReferenceWindow } from '../measurements/schema.ts';
import { type CalendarUnit, calendar } from '../measurements/windows.ts';
import { psiOfUsedBins } from './psi.ts';
import type { Season } from './schema.ts';

/** From this many windows of the reference their own scatter says more than theory does (drift.md 6a.3). */
export const WINDOWS_TO_LEARN = 20;
/** The share of the reference's own windows that must lie within the noise limit. */
const WITHIN_NOISE = 0.99;
/** A window with fewer rows than this share of the usual is cut off at an end of the reference: its noise is not that of a whole one. */
const WHOLE_WINDOW = 0.5;
const HALF_MONTH_MS = 15 * 24 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

/** Scoring counts of each column, by name. */
export type BaselineCounts = ReadonlyMap<string, readonly number[]>;

/** What a window is held against besides the whole reference: noise its windows have taught, and its days of the same season. */
export type Baseline = {
  noise: ReadonlyMap<string, number>;
  season?: { against: Season; counts: BaselineCounts };
};

/**
 * The baseline of each window of a unit, by its start. Where the reference has no day of that season the window is held against the
 * whole reference, and its result says so.
 */
export function baselines(
  windows: readonly ReferenceWindow[],
  unit: CalendarUnit,
  timezone: string,
  season: Season | null = null,
): (start: Date) => Baseline {
  const whole: Baseline = { noise: learnedNoise(windows, unit, timezone) };
  if (!season) return () => whole;
  const noise = learnedNoise(windows, unit, timezone, season);
  return (start) => {
    const counts = seasonalCounts(windows, start, season, timezone);
    return counts ? { noise, season: { against: season, counts } } : whole;
  };
}

/**
 * What the windows of the reference teach about noise: per column, the PSI that all but 1% of them keep when each is held against the
 * rest of the reference (leave one out). Takes in what independent rows do not have: weekly cycles, clusters, autocorrelation.
 * @param season the rest of the reference is its windows of the same weekday or month only
 * @returns empty with fewer than 20 whole windows, and for hours: a reference keeps its days, which scatter less than hours do
 */
export function learnedNoise(
  windows: readonly ReferenceWindow[],
  unit: CalendarUnit,
  timezone: string,
  season: Season | null = null,
): Map<string, number> {
  if (unit === 'hour') return new Map();
  const grouped = groupWindows(windows, unit, timezone);
  const usual = quantile(Float64Array.from(grouped, (window) => window.n).sort(), 0.5);
  const whole = grouped.filter((window) => window.n >= WHOLE_WINDOW * usual);
  const noise = new Map<string, number>();
  if (whole.length < WINDOWS_TO_LEARN) return noise;
  const keyOf = season ? seasonKey(season, timezone) : () => 0;
  const seasons = [...Map.groupBy(whole, (window) => keyOf(window.start)).values()];
  for (const column of whole[0]!.columns.keys()) {
    const found = seasons.flatMap((members) => leaveOneOut(members.map((window) => window.columns.get(column)!)));
    if (found.length >= WINDOWS_TO_LEARN) noise.set(column, quantile(Float64Array.from(found).sort(), WITHIN_NOISE));
  }
  return noise;
}

/**
 * The part of the reference that a window of a seasonal model is held against: its days on the same weekday, or in the same month of
 * any year.
 * @returns null when the reference has no such day
 */
export function seasonalCounts(
  windows: readonly ReferenceWindow[],
  start: Date,
  season: Season,
  timezone: string,
): BaselineCounts | null {
  const keyOf = seasonKey(season, timezone);
  const key = keyOf(start.getTime());
  const same = windows.filter((window) => keyOf(Date.parse(window.start)) === key);
  return same.length === 0 ? null : sumWindows(same);
}

type Grouped = { start: number; n: number; columns: Map<string, number[]> };

function groupWindows(windows: readonly ReferenceWindow[], unit: CalendarUnit, timezone: string): Grouped[] {
  const { at } = calendar(unit, timezone);
  const groups = Map.groupBy(windows, (window) => at(Date.parse(window.start)).start);
  return [...groups].map(([start, members]) => ({
    start,
    n: members.reduce((sum, window) => sum + window.n, 0),
    columns: sumWindows(members),
  }));
}

function sumWindows(windows: readonly ReferenceWindow[]): Map<string, number[]> {
  const sums = new Map<string, number[]>();
  for (const { columns } of windows) {
    for (const [name, packed] of Object.entries(columns)) {
      const counts = unpackCounts(packed);
      const held = sums.get(name);
      if (held) for (const [i, count] of counts.entries()) held[i]! += count;
      else sums.set(name, counts);
    }
  }
  return sums;
}

/** PSI of each member against the sum of the others; a lone member has no others. */
function leaveOneOut(members: readonly (readonly number[])[]): number[] {
  const [first, ...others] = members;
  if (!first || others.length === 0) return [];
  const total = first.map((count, i) => others.reduce((sum, member) => sum + member[i]!, count));
  return members.map((member) => {
    const rest = total.map((count, i) => count - member[i]!);
    return psiOfUsedBins(rest, member).psi;
  });
}

/** Weekday (Monday is 0) or month (January is 0) of an instant on the workspace's calendar. */
function seasonKey(season: Season, timezone: string): (ms: number | Date) => number {
  if (season === 'same_month') {
    const month = calendar('month', timezone);
    return (ms) => new Date(month.at(Number(ms)).start + HALF_MONTH_MS).getUTCMonth();
  }
  const [day, week] = [calendar('day', timezone), calendar('week', timezone)];
  return (ms) => Math.round((day.at(Number(ms)).start - week.at(Number(ms)).start) / DAY_MS);
}
