import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addMs, DAY_MS, HOUR_MS } from '../base/time.ts';
import { overdueFrom } from './rules/overdue.ts';

const start = new Date('2026-03-02T06:00:00Z');
/** Arrivals so many days after the start, newest first. */
const arrivals = (...days: number[]) => days.map((day) => addMs(start, day * DAY_MS)).reverse();

it('files that come daily are missed when the contract says so', () => {
  expect(overdueFrom(arrivals(0, 1, 2), 48)).toEqual(addMs(start, 4 * DAY_MS));
});

it('files that come in a rhythm of their own are missed by that, whatever the contract says of their rows', () => {
  expect(overdueFrom(arrivals(0, 7, 14), 48)).toEqual(addMs(start, (14 + 10.5) * DAY_MS));
  expect(overdueFrom(arrivals(0, 1, 8, 9), 48)).toEqual(addMs(start, (9 + 10.5) * DAY_MS));
});

it('without a rhythm, or a contract that says when rows are expected, nothing is said', () => {
  expect(overdueFrom([], 48)).toBeNull();
  expect(overdueFrom(arrivals(0, 1), 48)).toBeNull();
  expect(overdueFrom(arrivals(0, 1, 2), null)).toBeNull();
});

it('no rhythm that goes on as it was is ever overdue', () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 3, maxLength: 8 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 8784 }), (hours, freshness) => {
      let last = start;
      const times = [start, ...hours.map((hour) => (last = addMs(last, hour * HOUR_MS)))].reverse();
      const next = addMs(last, Math.max(...hours) * HOUR_MS);
      expect(overdueFrom(times, freshness)!.getTime()).toBeGreaterThan(next.getTime());
    }),
  );
});
