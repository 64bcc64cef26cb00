import { describe, expect, it } from 'vitest';
import { pairWindows } from '../../lib/drift/rules/challenger.ts';
import type { PerformancePoint, PerformanceView } from '../../lib/drift/schema.ts';
import { absence, drawn, sentenceOf } from './challenger-words.ts';

const at = (day: number): string => new Date(Date.UTC(2026, 2, day)).toISOString();
const point = (day: number, value: number, more: Partial<PerformancePoint> = {}): PerformancePoint => ({
  start: at(day),
  end: at(day + 1),
  value,
  lo: value - 0.01,
  hi: value + 0.01,
  n: 500,
  rows: 500,
  reason: null,
  positives: null,
  estimated: null,
  ...more,
});
const names = { live: 'v1 (live)', candidate: 'v2' };
const view = (state: PerformanceView['state']): PerformanceView => ({
  state,
  metric: 'roc_auc',
  metrics: ['roc_auc'],
  points: [],
  coverage: null,
  trackRecord: null,
});

describe('two versions in words', () => {
  it('are said to differ with the interval of the mean, and in how many windows by themselves', () => {
    const { pairs } = pairWindows(
      [1, 2, 3, 4].map((day) => point(day, 0.8)),
      [point(1, 0.85), point(2, 0.85), point(3, 0.75), point(4, 0.8)],
    );
    expect(sentenceOf(pairs, 'roc_auc', names)).toMatch(
      /^v2 against v1 \(live\) in 4 shared windows: roc_auc \+0\.0125 \(\+0\.00\d+ to \+0\.0\d+\) on average, better; .* 2 better and 1 worse beyond chance\.$/,
    );
    // The same figures are losses where less is better, and neither where a metric has no good side.
    expect(sentenceOf(pairs, 'mae', names)).toContain('on average, worse; of the windows by themselves 1 better and 2');
    expect(sentenceOf(pairs, 'bias', names)).toContain('3 differ beyond chance');
  });

  it('are not compared without outcomes, rows, a reference or a common window, and each is said apart', () => {
    const few = pairWindows([point(1, 0.8)], [point(1, 0.9, { reason: 'too_few_labels' })]).pairs;
    expect(sentenceOf(few, 'roc_auc', names)).toBe('No shared window has enough outcomes of both to tell.');
    const said = [
      absence(view('no_reference'), 0, names),
      absence(view('no_data'), 0, names),
      absence(view('ready'), 0, names),
      absence(view('no_labels'), 3, names),
    ];
    expect(new Set(said).size).toBe(4);
    expect(said[2]).toContain('no windows of the same time');
    expect(absence(view('ready'), 3, names)).toBe('');
  });
});

it('draws the candidate only where both have windows, with gaps between them, and marks where it is worse', () => {
  const live = [1, 2, 3, 4, 5].map((day) => point(day, 0.8));
  const { pairs } = pairWindows(live, [point(2, 0.9), point(4, 0.7)]);
  const found = drawn(live, pairs, 'roc_auc', at(20));
  expect(found.line).toHaveLength(5);
  expect(found.candidate.map(({ value }) => value)).toEqual([0.9, null, 0.7]);
  expect(found.differences.map(({ at: when, over }) => [when, over])).toEqual([
    [at(3), false],
    [at(4), undefined],
    [at(5), true],
  ]);
});
