import fc from 'fast-check';
import { expect, it } from 'vitest';
import { numericBins } from './bins.ts';
import { packCounts, sumColumns, sumCounts, unpackCounts } from './counts.ts';
import { columnTally } from './tally.ts';

const bins = numericBins(Float64Array.from({ length: 5000 }, (_, i) => i));
const value = fc.oneof(fc.integer({ min: -100, max: 6000 }), fc.constantFrom(Infinity, -Infinity, Number.NaN));

function counted(values: number[]) {
  const tally = columnTally(bins);
  tally.add(values, new Int32Array(values.length), values.length);
  return tally.read(0);
}

it('packed counts unpack to what they were', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 2 ** 50 }))), (counts) => {
      expect(unpackCounts(packCounts(counts))).toEqual(counts);
    }),
  );
});

it('a list, as counts were stored before, is read the same', () => {
  expect(unpackCounts([3, -2, 0, 5, -1])).toEqual([3, 0, 0, 0, 5, 0]);
  expect(sumCounts([[1, -2], packCounts([0, 0, 7])])).toBe(packCounts([1, 0, 7]));
});

it('a day of a thousand bins takes a byte and a third for each that is filled', () => {
  expect(packCounts(new Array(1_020).fill(33))).toHaveLength(1_360);
  expect(packCounts(new Array(1_020).fill(0)).length).toBeLessThan(8);
});

it('days merged to weeks and to a month count what the month counts', () => {
  fc.assert(
    fc.property(fc.array(fc.array(value, { minLength: 1, maxLength: 40 }), { minLength: 2, maxLength: 10 }), (days) => {
      const parts = days.map(counted);
      const half = Math.ceil(parts.length / 2);
      const month = sumColumns([parts.slice(0, half), parts.slice(half)].map(sumColumns));
      const direct = counted(days.flat());
      expect({ ...month, moments: null }).toEqual({ ...direct, moments: null });
      expect(month.moments?.sum).toBe(direct.moments?.sum);
      expect(month.moments?.m2 ?? 0).toBeCloseTo(direct.moments?.m2 ?? 0, 4);
    }),
  );
});

it.each([
  ['fewer', [1]],
  ['more and filled', [1, -1, 3]],
  ['more and empty', [1, -2]],
])('refuses to add counts on other bins: %s', (_, other) => {
  expect(() => sumCounts([[1, 2], [3, 4], other])).toThrow('Counts on different bins cannot be added.');
});
