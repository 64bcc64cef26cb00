import { expect, it } from 'vitest';
import { calendar, startOfDays } from './windows.ts';

const window = (unit: 'hour' | 'day' | 'week' | 'month', timezone: string, at: string) => {
  const { start, end } = calendar(unit, timezone).at(Date.parse(at));
  return [new Date(start).toISOString(), new Date(end).toISOString()];
};

it('a day in Berlin starts at its own midnight', () => {
  expect(window('day', 'Europe/Berlin', '2026-07-01T22:30:00Z')).toEqual([
    '2026-07-01T22:00:00.000Z',
    '2026-07-02T22:00:00.000Z',
  ]);
});

it('the days of the clock changes have 23 and 25 hours', () => {
  expect(window('day', 'Europe/Berlin', '2026-03-29T12:00:00Z')).toEqual([
    '2026-03-28T23:00:00.000Z',
    '2026-03-29T22:00:00.000Z',
  ]);
  expect(window('day', 'Europe/Berlin', '2026-10-25T12:00:00Z')).toEqual([
    '2026-10-24T22:00:00.000Z',
    '2026-10-25T23:00:00.000Z',
  ]);
});

it('so many days back are so many windows of a day, over the changes of the clock too', () => {
  const back = (end: string, days: number) =>
    new Date(startOfDays('Europe/Berlin', Date.parse(end), days)).toISOString();
  expect(back('2026-10-25T23:00:00Z', 1)).toBe('2026-10-24T22:00:00.000Z');
  expect(back('2026-10-25T23:00:00Z', 7)).toBe('2026-10-18T22:00:00.000Z');
  expect(back('2026-03-29T22:00:00Z', 1)).toBe('2026-03-28T23:00:00.000Z');
  expect(back('2026-04-03T22:00:00Z', 7)).toBe('2026-03-27T23:00:00.000Z');
  expect(back('2026-03-31T22:00:00Z', 365)).toBe('2025-03-31T22:00:00.000Z');
});

it('a day whose midnight does not exist starts at the jump', () => {
  expect(window('day', 'America/Santiago', '2026-09-06T12:00:00Z')[0]).toBe('2026-09-06T04:00:00.000Z');
});

it('weeks start on Monday, months on the first', () => {
  expect(window('week', 'UTC', '2026-11-22T23:00:00Z')).toEqual([
    '2026-11-16T00:00:00.000Z',
    '2026-11-23T00:00:00.000Z',
  ]);
  expect(window('month', 'UTC', '2026-12-05T00:00:00Z')).toEqual([
    '2026-12-01T00:00:00.000Z',
    '2027-01-01T00:00:00.000Z',
  ]);
});

it('an hour of a half-hour zone starts on its own hour', () => {
  expect(window('hour', 'Asia/Kolkata', '2026-01-01T00:10:00Z')[0]).toBe('2025-12-31T23:30:00.000Z');
});

it('windows of a year leave no gap and no overlap', () => {
  const days = calendar('day', 'America/Santiago');
  let at = Date.parse('2026-01-01T12:00:00Z');
  for (let i = 0; i < 365; i++) {
    const { start, end } = days.at(at);
    expect(days.at(start).start).toBe(start);
    expect(days.at(end).start).toBe(end);
    at = end;
  }
});
