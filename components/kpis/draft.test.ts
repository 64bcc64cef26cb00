import { expect, it } from 'vitest';
import { readNumber } from './draft.ts';

it.each([
  ['0,24', 0.24],
  ['0.24', 0.24],
  ['24 %', 0.24],
  ['1000', 1000],
  ['1 000', 1000],
  ['−3,5', -3.5],
  ['1e-3', 0.001],
])('%s is the number %d', (given, number) => {
  expect(readNumber(given)).toBeCloseTo(number, 12);
});

it.each(['1,000', '40,000', '1,234,567', '12,500 %', 'many', ''])('%s is not taken for a number', (given) => {
  expect(readNumber(given)).toBeNull();
});
