import type { WindowUnit } from './schema.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export type CalendarUnit = Exclude<WindowUnit, { rows: number }>;

/**
 * Finds the calendar window that holds an instant. Windows of one unit and zone partition time: a day of a clock change has 23 or
 * 25 hours. Weeks start on Monday.
 * @param timezone IANA name; an unknown one throws RangeError
 * @returns `at(ms)` with start inclusive and end exclusive, in epoch milliseconds
 */
export function calendar(unit: CalendarUnit, timezone: string): { at(ms: number): { start: number; end: number } } {
  const offset = offsetOf(timezone);
  const instant = (wall: number) => instantOf(wall, offset);
  return {
    at(ms) {
      const wall = ms + offset(ms);
      if (unit === 'hour') {
        const start = Math.floor(wall / HOUR_MS) * HOUR_MS - offset(ms);
        return { start, end: start + HOUR_MS };
      }
      const date = new Date(wall);
      const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
      if (unit === 'month') return { start: instant(Date.UTC(year, month)), end: instant(Date.UTC(year, month + 1)) };
      const length = unit === 'week' ? 7 : 1;
      const first = unit === 'week' ? day - ((date.getUTCDay() + 6) % 7) : day;
      return { start: instant(Date.UTC(year, month, first)), end: instant(Date.UTC(year, month, first + length)) };
    },
  };
}

/**
 * Where the last `count` calendar days before an instant begin: as many windows of a day, though one may have 23 or 25 hours.
 * @param end a midnight of the zone, in epoch milliseconds
 */
export function startOfDays(timezone: string, end: number, count: number): number {
  return calendar('day', timezone).at(end - count * DAY_MS + DAY_MS / 2).start;
}

/** Offset of the zone from UTC at an instant, in milliseconds. */
function offsetOf(timezone: string): (ms: number) => number {
  if (timezone === 'UTC') return () => 0;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (ms) => {
    const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const wall = Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!);
    return wall - Math.floor(ms / 1000) * 1000;
  };
}

/** First instant whose wall clock shows `wall`; where the clock jumps over it, the instant of the jump. */
function instantOf(wall: number, offset: (ms: number) => number): number {
  const before = wall - offset(wall - DAY_MS);
  const after = wall - offset(wall + DAY_MS);
  const shown = [before, after].filter((ms) => ms + offset(ms) === wall);
  return shown.length > 0 ? Math.min(...shown) : before;
}
