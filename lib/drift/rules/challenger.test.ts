import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PerformancePoint } from '../schema.ts';
import { differenceOf, directionOf, meanDifference, pairWindows, verdictOf } from './challenger.ts';

const point = (day: number, value: number | null, more: Partial<PerformancePoint> = {}): PerformancePoint => ({
  start: new Date(Date.UTC(2026, 2, day)).toISOString(),
  end: new Date(Date.UTC(2026, 2, day + 1)).toISOString(),
  value,
  lo: value === null ? null : value - 0.05,
  hi: value === null ? null : value + 0.05,
  n: 100,
  rows: 100,
  reason: null,
  positives: null,
  estimated: null,
  ...more,
});

describe('the difference of two figures', () => {
  it('has the interval of Newcombe 1998, method 10, for two shares: 56 of 70 against 48 of 80', () => {
    const found = differenceOf({ value: 0.8, lo: 0.6916, hi: 0.8777 }, { value: 0.6, lo: 0.4904, hi: 0.7004 });
    expect(found.value).toBeCloseTo(0.2, 10);
    expect(found.lo).toBeCloseTo(0.0524, 3);
    expect(found.hi).toBeCloseTo(0.3339, 3);
  });

  it('turns its sign and its ends when the two change places, and never leaves its interval', () => {
    const interval = fc
      .tuple(
        fc.double({ min: -9, max: 9, noNaN: true }),
        fc.double({ min: 0, max: 5, noNaN: true }),
        fc.double({ min: 0, max: 5, noNaN: true }),
      )
      .map(([value, below, above]) => ({ value, lo: value - below, hi: value + above }));
    fc.assert(
      fc.property(interval, interval, (a, b) => {
        const [one, other] = [differenceOf(a, b), differenceOf(b, a)];
        expect(one.lo).toBeLessThanOrEqual(one.value);
        expect(one.hi).toBeGreaterThanOrEqual(one.value);
        expect(one.lo).toBeCloseTo(-other.hi, 9);
      }),
    );
  });
});

describe('windows of two versions', () => {
  it('are compared only where both had rows at the same time, in whatever order they come', () => {
    const days = fc.uniqueArray(fc.integer({ min: 1, max: 28 }), { maxLength: 28 });
    fc.assert(
      fc.property(days, days, (live, candidate) => {
        const { pairs, alone } = pairWindows(
          live.map((day) => point(day, 0.8)),
          candidate.map((day) => point(day, 0.9)),
        );
        const shared = candidate.filter((day) => live.includes(day)).sort((a, b) => a - b);
        expect(pairs.map(({ start }) => new Date(start).getUTCDate())).toEqual(shared);
        expect(alone).toBe(candidate.length - shared.length);
      }),
    );
  });

  it('of another length are not the same time', () => {
    const week = point(1, 0.9, { end: new Date(Date.UTC(2026, 2, 8)).toISOString() });
    expect(pairWindows([point(1, 0.8)], [week])).toEqual({ pairs: [], alone: 1 });
  });

  it('without rows are none, and with too few outcomes are shown without a difference', () => {
    expect(pairWindows([point(1, 0.8)], [point(1, null, { rows: 0, n: 0 })])).toEqual({ pairs: [], alone: 0 });
    const { pairs } = pairWindows([point(1, 0.8)], [point(1, 0.9, { reason: 'too_few_labels' })]);
    expect(pairs).toMatchObject([{ difference: null }]);
    expect(meanDifference(pairs)).toBeNull();
  });

  it('together say more than each alone: the interval of the mean shrinks with their number', () => {
    const of = (days: number) => {
      const range = Array.from({ length: days }, (_, i) => i + 1);
      return meanDifference(
        pairWindows(
          range.map((d) => point(d, 0.8)),
          range.map((d) => point(d, 0.84)),
        ).pairs,
      )!;
    };
    expect(of(16).value).toBeCloseTo(0.04, 10);
    expect(of(16).hi - of(16).lo).toBeCloseTo((of(1).hi - of(1).lo) / 4, 10);
    expect(of(16).windows).toBe(16);
  });
});

it('calls a lower error better, a higher share better, a bias neither, and what holds nought open', () => {
  const [up, down, open] = [
    { value: 0.1, lo: 0.05, hi: 0.15 },
    { value: -0.1, lo: -0.15, hi: -0.05 },
    { value: 0.1, lo: 0, hi: 0.2 },
  ];
  expect([verdictOf(up, 'roc_auc'), verdictOf(down, 'roc_auc')]).toEqual(['better', 'worse']);
  expect([verdictOf(up, 'mae'), verdictOf(down, 'mae')]).toEqual(['worse', 'better']);
  expect(verdictOf(up, 'bias')).toBe('different');
  expect(verdictOf(open, 'roc_auc')).toBe('open');
  expect(directionOf('log_loss')).toBe(-1);
});
