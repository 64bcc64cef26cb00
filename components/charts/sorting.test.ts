import { expect, test } from 'vitest';
import { inOrder, turned } from './sorting.ts';

const rows = [
  ['a10', 3],
  ['a9', null],
  ['b', 20],
];
const firsts = (sorted: (string | number | null)[][]) => sorted.map(([first]) => first);

test('numbers are sorted as numbers, names as people count them', () => {
  expect(firsts(inOrder(rows, { column: 1, way: 'ascending' }))).toEqual(['a10', 'b', 'a9']);
  expect(firsts(inOrder(rows, { column: 0, way: 'ascending' }))).toEqual(['a9', 'a10', 'b']);
});

test('what is missing comes last whichever way the column is sorted', () => {
  expect(firsts(inOrder(rows, { column: 1, way: 'descending' }))).toEqual(['b', 'a10', 'a9']);
});

test('a third press gives back the order of the chart', () => {
  const once = turned(null, 1);
  const twice = turned(once, 1);
  expect([once?.way, twice?.way, turned(twice, 1)]).toEqual(['ascending', 'descending', null]);
  expect(turned(twice, 0)).toEqual({ column: 0, way: 'ascending' });
  expect(inOrder(rows, null)).toBe(rows);
});
