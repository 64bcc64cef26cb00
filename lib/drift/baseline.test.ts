import { describe, expect, it } from 'vitest';
import { numericBins, scoringCounts } from '../measurements/bins.ts';
import { packCounts, unpackCounts } from '../measurements/counts.ts';
import type { ColumnCounts, ProfiledColumn, ReferenceWindow } from '../measurements/schema.ts';
import { columnTally } from '../measurements/tally.ts';
import { learnedNoise, seasonalCounts } from './baseline.ts';
import { compareColumn } from './compare.ts';
import { verdict } from './rules.ts';

const DAY_MS = 86_400_000;
const MONDAY = Date.UTC(2026, 0, 5);

/** Days of so many rows over two bins; `share` of them in the first, by day from Monday 5 January 2026. */
function days(count: number, rows: number, share: (day: number) => number): ReferenceWindow[] {
  return Array.from({ length: count }, (_, day) => {
    const first = Math.round(rows * share(day));
    return {
      start: new Date(MONDAY + day * DAY_MS).toISOString(),
      n: rows,
      columns: { fuel: packCounts([first, rows - first]) },
    };
  });
}

const weekly = (day: number) => (day % 7 >= 5 ? 0.8 : 0.4);

describe('what the reference’s own windows teach', () => {
  it('weekends that differ raise the limit of a day, and not the limit of a day held against its weekday', () => {
    const windows = days(70, 500, weekly);
    expect(learnedNoise(windows, 'day', 'UTC').get('fuel')).toBeGreaterThan(0.25);
    expect(learnedNoise(windows, 'day', 'UTC', 'same_weekday').get('fuel')).toBeLessThan(0.001);
  });

  it('nothing is learned from 19 windows', () => {
    expect(learnedNoise(days(19, 500, weekly), 'day', 'UTC').size).toBe(0);
    expect(learnedNoise(days(20, 500, weekly), 'day', 'UTC').size).toBe(1);
    expect(learnedNoise(days(19 * 7, 500, weekly), 'week', 'UTC').size).toBe(0);
  });

  it('a day cut short at the end of the file teaches nothing', () => {
    const windows = days(30, 500, () => 0.5);
    windows.push({ start: new Date(MONDAY + 30 * DAY_MS).toISOString(), n: 20, columns: { fuel: [20, -1] } });
    expect(learnedNoise(windows, 'day', 'UTC').get('fuel')).toBeLessThan(0.001);
  });

  it('without days there is nothing to learn', () => {
    expect(learnedNoise([], 'day', 'UTC').size).toBe(0);
  });
});

describe('the days of the same season', () => {
  it('are the days of that weekday', () => {
    const saturday = seasonalCounts(days(70, 500, weekly), new Date(MONDAY + 75 * DAY_MS), 'same_weekday', 'UTC');
    expect(saturday!.get('fuel')).toEqual([4000, 1000]);
  });

  it('are the days of that month of any year', () => {
    const windows = days(70, 100, (day) => (day < 27 ? 1 : 0));
    const january = seasonalCounts(windows, new Date('2028-01-14T00:00:00Z'), 'same_month', 'UTC');
    expect(january!.get('fuel')).toEqual([2700, 0]);
    expect(seasonalCounts(windows, new Date('2028-07-01T00:00:00Z'), 'same_month', 'UTC')).toBeNull();
  });

  it('are cut on the calendar of the workspace', () => {
    // Midnight in Auckland is still the day before in UTC.
    const start = new Date('2026-01-11T11:00:00Z').toISOString();
    const monday = [{ start, n: 1, columns: { fuel: [1] } }];
    expect(seasonalCounts(monday, new Date('2026-01-18T11:00:00Z'), 'same_weekday', 'Pacific/Auckland')).not.toBeNull();
    expect(seasonalCounts(monday, new Date('2026-01-19T11:00:00Z'), 'same_weekday', 'Pacific/Auckland')).toBeNull();
  });
});

describe('a column held against its season', () => {
  const values = Float64Array.from({ length: 5_000 }, (_, i) => i % 100);
  const bins = numericBins(values.toSorted());
  const counted = (numbers: Float64Array): ColumnCounts => {
    const tally = columnTally(bins);
    tally.add(numbers, new Int32Array(numbers.length), numbers.length);
    return tally.read(0);
  };
  const column: ProfiledColumn = {
    name: 'load',
    role: 'feature',
    kind: 'numeric',
    bins,
    counts: counted(values),
    median: 49.5,
  };
  const high = counted(values.filter((value) => value >= 50));
  const highSeason = scoringCounts(bins, unpackCounts(high.counts));

  it('is as usual where that season looks the same, and says what it was held against', () => {
    expect(compareColumn(column, high, 10)).toMatchObject({ state: 'changed_a_lot', against: 'reference' });
    const season = { against: 'same_month' as const, counts: new Map([['load', highSeason]]) };
    expect(compareColumn(column, high, 10, { noise: new Map(), season })).toMatchObject({
      state: 'stable',
      against: 'same_month',
      psi: 0,
    });
  });

  it('learned noise raises the limit and never lowers it', () => {
    const theory = compareColumn(column, high, 10).noiseLimit;
    const raised = compareColumn(column, high, 10, { noise: new Map([['load', 9]]) });
    expect(raised).toMatchObject({ noiseLimit: 9, learned: 9, state: 'stable' });
    expect(compareColumn(column, high, 10, { noise: new Map([['load', 0]]) }).noiseLimit).toBe(theory);
  });

  it('many rows with a large learned noise can be judged: they are not too few', () => {
    expect(verdict(0.3, 0.4, 0.05)).toBe('stable');
    expect(verdict(0.3, 0.4)).toBe('too_few');
  });
});
