import { describe, expect, it } from 'vitest';
import { extremes, linePath, markedAt, noisePath, timeScale, valueScale, withHoles } from './kernel.ts';

const margin = { top: 0, right: 0, bottom: 0, left: 0 };
const day = (i: number): string => new Date(Date.UTC(2026, 0, 1 + i)).toISOString();
const x = timeScale(day(0), day(10), 100, margin);
const window = (i: number) => ({ start: day(i), end: day(i + 1) });

describe('a chart over time', () => {
  it('breaks its line where days are missing, and not where the clock was changed', () => {
    const shortened = { start: day(1), end: '2026-01-02T23:00:00.000Z' };
    const windows = [window(0), shortened, window(2), window(6)];
    const drawn = withHoles(windows, (span) => ({ ...span, hole: true }));
    expect(drawn).toEqual([window(0), shortened, window(2), { start: day(3), end: day(6), hole: true }, window(6)]);
    const points = drawn.map((held) => ({ at: held.end, value: 'hole' in held ? null : 1 }));
    expect(linePath(points, x, valueScale([0, 1], 100, margin)).match(/M/g)).toHaveLength(2);
  });

  it('has a scale for more values than a call takes', () => {
    const values = Array.from({ length: 200_000 }, (_, i) => (i === 150_000 ? 1_000 : i % 100));
    expect(extremes(values)).toEqual([0, 1_000]);
    expect(valueScale(values, 100, margin)(0)).toBe(100);
  });

  it('draws what chance can do window by window, cut off at its edge, and nothing where that is not known', () => {
    const y = valueScale([0, 1], 100, margin);
    const path = noisePath(
      [
        { ...window(0), limit: 0.5 },
        { ...window(1), limit: null },
        { ...window(2), limit: 40 },
      ],
      x,
      y,
    );
    expect(path).toBe('M0,100V50H10V100ZM20,100V0H30V100Z');
  });

  it('marks a window that is not over at the end of the axis, not beyond it', () => {
    expect(markedAt(window(3), day(10))).toBe(day(4));
    expect(markedAt(window(3), '2026-01-04T10:00:00.000Z')).toBe('2026-01-04T10:00:00.000Z');
  });
});
