import { expect, it } from 'vitest';
import { progressWords } from './progress.ts';

it('progress is said in words, with the rows and windows there are so far', () => {
  expect(progressWords({ stage: 'reading', rows: 0 })).toBe('reading');
  expect(progressWords({ stage: 'converting', rows: 120_000 })).toBe('converting: 120\u202f000 rows');
  expect(progressWords({ stage: 'counting', rows: 120_000, windows: 31 })).toBe(
    'counting: 120\u202f000 rows, 31 windows',
  );
  expect(progressWords({ stage: 'judging', rows: null, windows: 1 })).toBe('judging: 1 window');
});
