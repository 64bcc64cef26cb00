import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { POINTS_MAX, sample } from './sample.ts';

const point = fc.record({
  value: fc.oneof({ weight: 8, arbitrary: fc.double({ min: -5, max: 5, noNaN: true }) }, fc.constant(null)),
  over: fc.integer({ min: 0, max: 40 }).map((n) => n === 0),
});
const series = fc.array(point, { maxLength: 3_000, size: 'max' });
const limit = fc.integer({ min: 4, max: 1_200 });
const places = fc.array(fc.nat(2_999), { maxLength: 20 }).map((held) => new Set(held));
type Point = { value: number | null; over: boolean };

const inside = (points: readonly Point[], keep: ReadonlySet<number>) =>
  [...keep].filter((place) => place < points.length);

describe('the windows that a chart draws', () => {
  it('are all of them while there is a pixel for each', () => {
    const points = [3, null, 1].map((value) => ({ value }));
    expect(sample(points, 10)).toEqual({ places: [0, 1, 2], windows: 1 });
  });

  it('are the lowest and the highest of each run when there are more windows than pixels', () => {
    const points = Array.from({ length: 100 }, (_, i) => ({ value: i === 57 ? 9 : i === 44 ? -9 : i % 3 }));
    const { places: drawn, windows } = sample(points, 20);
    expect(drawn).toEqual(expect.arrayContaining([0, 44, 57, 99]));
    expect(drawn.length).toBeLessThanOrEqual(20);
    expect(windows).toBe(Math.ceil(100 / 9));
  });

  it('always hold the first, the last, every one over the limit and those of events', () => {
    fc.assert(
      fc.property(series, limit, places, (points, most, keep) => {
        const drawn = new Set(sample(points, most, keep).places);
        const wanted = points.flatMap((held, i) => (held.over || i === 0 || i === points.length - 1 ? [i] : []));
        for (const place of [...wanted, ...inside(points, keep)]) expect(drawn.has(place)).toBe(true);
      }),
    );
  });

  it('never bridge a window without a value', () => {
    fc.assert(
      fc.property(series, limit, (points, most) => {
        const { places: drawn } = sample(points, most);
        drawn.slice(1).forEach((place, i) => {
          const between = points.slice(drawn[i]! + 1, place);
          const joined = points[drawn[i]!]!.value !== null && points[place]!.value !== null;
          if (joined) expect(between.every(({ value }) => value !== null)).toBe(true);
        });
      }),
    );
  });

  it('reach as low and as high as the whole series', () => {
    fc.assert(
      fc.property(series, limit, (points, most) => {
        const known = (held: readonly Point[]) => held.flatMap(({ value }) => (value === null ? [] : [value]));
        const all = known(points);
        const drawn = known(sample(points, most).places.map((place) => points[place]!));
        expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([Math.min(...all), Math.max(...all)]);
      }),
    );
  });

  it('are as few as asked for, and never more than a thousand unless more are over the limit', () => {
    fc.assert(
      fc.property(series, limit, places, (points, most, keep) => {
        const { places: drawn } = sample(points, most, keep);
        const always = new Set([
          0,
          points.length - 1,
          ...inside(points, keep),
          ...points.flatMap(({ over }, i) => (over ? [i] : [])),
        ]).size;
        // Every one that is always drawn, and a single run, may have a gap before it.
        expect(drawn.length).toBeLessThanOrEqual(Math.max(Math.min(most, POINTS_MAX), 2 * always + 5));
        expect(drawn).toEqual([...new Set(drawn)].toSorted((a, b) => a - b));
      }),
    );
  });
});
