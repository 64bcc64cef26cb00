import { expect, test } from 'vitest';
import type { SegmentView } from '../schema.ts';
import { byGap } from './segments.ts';

const segment = (name: string, value: number | null, n: number, reason: string | null = null): SegmentView => ({
  segment: { category: name },
  name,
  rows: n,
  referenceRows: n,
  value,
  lo: value,
  hi: value,
  n,
  reason,
  drift: 'stable',
  drifted: [],
});

test('the segment farthest from the mean of all comes first, and a large one pulls the mean', () => {
  const { middle, segments } = byGap([segment('north', 0.8, 900), segment('south', 0.5, 50), segment('west', 0.9, 50)]);
  expect(middle).toBeCloseTo(0.79, 10);
  expect(segments.map(({ name }) => name)).toEqual(['south', 'west', 'north']);
});

test('a segment that cannot be judged comes last, however far it lies, and moves no mean', () => {
  const few = segment('island', 0, 3, 'too_few_labels');
  const { middle, segments } = byGap([few, segment('north', 0.8, 900)]);
  expect(middle).toBe(0.8);
  expect(segments.map(({ name }) => name)).toEqual(['north', 'island']);
  expect(byGap([few])).toEqual({ middle: 0, segments: [few] });
});
