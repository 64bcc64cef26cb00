import { expect, test } from 'vitest';
import { logScale, spansDecades, splitOpen } from './kernel.ts';

const margin = { top: 0, right: 0, bottom: 0, left: 0 };

test('a logarithmic axis is offered from a hundredfold on, whatever is nought or missing', () => {
  expect(spansDecades([0.01, 1])).toBe(false);
  expect(spansDecades([0.01, 1.01])).toBe(true);
  expect(spansDecades([0, null, 5, 80])).toBe(false);
  expect(spansDecades([])).toBe(false);
});

test('the same factor is the same distance', () => {
  const y = logScale([0.01, 10], 300, margin);
  expect(y(0.1) - y(1)).toBeCloseTo(y(1) - y(10), 6);
  expect(y(0.01)).toBeGreaterThan(y(10));
});

test('what has no logarithm is drawn at the foot of the axis, never beyond it', () => {
  const y = logScale([0, -1, 0.01, 10], 300, margin);
  expect(y(0)).toBe(300);
  expect(y(-1)).toBe(300);
  expect(y(0.01)).toBeLessThan(300);
});

test('as many values are named as there is room for, decades first', () => {
  const wide = logScale([1e-6, 1e6], 300, margin);
  expect(wide.ticks(4).length).toBeLessThanOrEqual(5);
  expect(wide.ticks(4).every((tick) => Math.abs(Math.log10(tick) % 1) < 1e-9)).toBe(true);
  expect(logScale([0.05, 6], 300, margin).ticks(4)).toEqual([0.1, 0.3, 1, 3]);
});

test('a window that is not over is joined to the last one that is, and drawn apart from it', () => {
  const points = [
    { at: '1', value: 1 },
    { at: '2', value: 2 },
    { at: '3', value: 3, open: true },
  ];
  expect(splitOpen(points)).toEqual({ closed: points.slice(0, 2), open: points.slice(1) });
  expect(splitOpen(points.slice(0, 2))).toEqual({ closed: points.slice(0, 2), open: [] });
  expect(splitOpen(points.slice(2))).toEqual({ closed: [], open: points.slice(2) });
});
