import { expect, test } from 'vitest';
import { neighbourAt, readMoment, windowAt, writeMoment } from './moment.ts';

const day = (date: string, next: string) => ({ start: `${date}T00:00:00.000Z`, end: `${next}T00:00:00.000Z` });
const windows = [day('2026-03-10', '2026-03-11'), day('2026-03-11', '2026-03-12'), day('2026-03-13', '2026-03-14')];

test('a moment is written to the minute and read back', () => {
  expect(writeMoment('2026-03-12T00:00:00.000Z')).toBe('2026-03-12T00:00Z');
  expect(readMoment(writeMoment('2026-03-12T09:30:59.000Z'))).toBe('2026-03-12T09:30Z');
});

test.each(['', 'yesterday', '2026-03-12', '2026-13-12T00:00Z', '2026-03-12T00:00Z; drop'])(
  'an address that says %j pins nothing',
  (text) => expect(readMoment(text)).toBeNull(),
);

test('a window is found by its end and by every moment in it, not by its start', () => {
  expect(windowAt(windows, '2026-03-12T00:00Z')).toBe(windows[1]);
  expect(windowAt(windows, '2026-03-11T00:01Z')).toBe(windows[1]);
  expect(windowAt(windows, '2026-03-11T00:00Z')).toBe(windows[0]);
});

test('a moment in a gap has no window', () => {
  expect(windowAt(windows, '2026-03-12T12:00Z')).toBeNull();
  expect(windowAt(windows, '2026-04-01T00:00Z')).toBeNull();
  expect(windowAt([], '2026-03-12T00:00Z')).toBeNull();
});

test('events are stepped through one by one, and end at their ends', () => {
  const [first, second] = [{ at: '2026-03-10T00:00Z' }, { at: '2026-03-10T00:00Z' }];
  const events = [first, second];
  expect(neighbourAt(events, null, 1)).toBe(first);
  expect(neighbourAt(events, first, 1)).toBe(second);
  expect(neighbourAt(events, second, 1)).toBeNull();
  expect(neighbourAt(events, null, -1)).toBe(second);
  expect(neighbourAt(events, second, -1)).toBe(first);
  expect(neighbourAt(events, first, -1)).toBeNull();
  expect(neighbourAt([], null, 1)).toBeNull();
});
