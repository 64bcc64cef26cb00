import fc from 'fast-check';
import { expect, it } from 'vitest';
import { alarm, alarms, shareRise, verdict } from './rules.ts';
import { driftState } from './schema.ts';

it('a PSI in its band but within the noise is stable', () => {
  expect(verdict(0.12, 0.15)).toBe('stable');
  expect(verdict(0.12, 0.02)).toBe('changed');
  expect(verdict(0.3, 0.02)).toBe('changed_a_lot');
  expect(verdict(0.06, 0.02)).toBe('slight');
});

it('a small window is too few rows to call stable, yet shows a change beyond its noise', () => {
  expect(verdict(0.3, 0.4)).toBe('too_few');
  expect(verdict(5, 0.4)).toBe('changed_a_lot');
});

it('a large change alarms at once, a change only in the second window in a row', () => {
  expect(alarm(['stable', 'changed_a_lot'])).toBe(true);
  expect(alarm(['stable', 'changed'])).toBe(false);
  expect(alarm(['changed', 'changed'])).toBe(true);
  expect(alarm(['changed', 'stable', 'changed'])).toBe(false);
});

it('a window that cannot be judged neither raises, confirms nor clears an alarm', () => {
  expect(alarm(['changed', 'too_few', 'changed'])).toBe(true);
  expect(alarm(['changed_a_lot', 'too_few'])).toBe(false);
  expect(alarm([])).toBe(false);
});

it('windows that come one by one raise the alarms that all of them so far would', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...driftState.options), { maxLength: 30 }), (states) => {
      expect(states.map(alarms())).toEqual(states.map((_, i) => alarm(states.slice(0, i + 1))));
    }),
    { numRuns: 1_000, seed: 23 },
  );
});

it('a rise of missing values counts only as far as it is certain', () => {
  const none = { hits: 0, n: 50_000 };
  expect(shareRise({ hits: 1, n: 50 }, none).state).toBe('fine');
  expect(shareRise({ hits: 40, n: 1000 }, none).state).toBe('warning');
  expect(shareRise({ hits: 100, n: 1000 }, none).state).toBe('critical');
  expect(shareRise({ hits: 0, n: 0 }, none).state).toBe('fine');
});
