import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributionTally } from '../measurements/attributions.ts';
import { sumAttributions } from '../measurements/counts.ts';
import type { AttributionSums } from '../measurements/schema.ts';
import { attributedRows, attributionShares, attributionState, ndcg } from './attribution.ts';

const named = (values: readonly number[]) => Object.fromEntries(values.map((value, i) => [`f${i}`, value]));
const REFERENCE = named([0.4, 0.3, 0.15, 0.1, 0.05]);

describe('the ranking of a window beside the reference', () => {
  // scikit-learn's ndcg_score([reference], [window])
  it.each([
    [[0.4, 0.3, 0.15, 0.1, 0.05], 1],
    [[0.3, 0.4, 0.15, 0.1, 0.05], 0.9492120929920168],
    [[0.2, 0.3, 0.05, 0.35, 0.1], 0.7827839709889433],
    [[0.05, 0.1, 0.15, 0.3, 0.4], 0.6495721296341944],
  ])('%j has the agreement scikit-learn computes', (window, expected) => {
    expect(ndcg(REFERENCE, named(window))).toBeCloseTo(expected, 12);
  });

  it('by hand: two features that changed places', () => {
    // Gains 3 and 1: (1 / log2(2) + 3 / log2(3)) / (3 / log2(2) + 1 / log2(3)).
    const expected = (1 + 3 / Math.log2(3)) / (3 + 1 / Math.log2(3));
    expect(ndcg({ a: 0.75, b: 0.25 }, { a: 0.1, b: 0.9 })).toBeCloseTo(expected, 12);
    expect(ndcg({ a: 3, b: 1 }, { b: 1 })).toBeCloseTo(expected, 12);
    expect(ndcg({ a: 0, b: 0 }, { a: 1, b: 2 })).toBeNull();
  });

  it('raises an alarm below 0.9, and says nothing on few rows', () => {
    expect([attributionState(0.9, 500), attributionState(0.899, 500)]).toEqual(['alike', 'moved']);
    expect([attributionState(0.2, 49), attributionState(null, 500)]).toEqual(['too_few', 'too_few']);
    expect(attributedRows({ a: { n: 80, sum: 1 }, b: { n: 20, sum: 1 } })).toBe(20);
    expect(attributedRows({})).toBe(0);
  });

  it('is made of parts that add up to one, of features that have rows', () => {
    const shares = attributionShares({ b: { n: 2, sum: 2 }, a: { n: 4, sum: 12 }, c: { n: 0, sum: 0 } });
    expect(shares).toEqual({ a: 0.75, b: 0.25 });
    expect(attributionShares({ a: { n: 3, sum: 0 } })).toEqual({});
  });
});

describe('sums of attributions', () => {
  const row = fc.record({ a: fc.integer({ min: -1, max: 2 ** 44 }), b: fc.integer({ min: -1, max: 2 ** 24 }) });
  function count(rows: readonly { a: number; b: number }[]): AttributionSums {
    const tally = attributionTally(['a', 'b']);
    const windows = new Int32Array(rows.length);
    tally.add(
      0,
      Float64Array.from(rows, ({ a }) => a),
      windows,
      rows.length,
    );
    tally.add(
      1,
      Float64Array.from(rows, ({ b }) => b),
      windows,
      rows.length,
    );
    return tally.read(0);
  }

  it('are the same to the last bit however rows are shuffled and cut into batches', () => {
    const cut = fc.array(row, { minLength: 1, maxLength: 60 }).chain((rows) =>
      fc.record({
        rows: fc.constant(rows),
        order: fc.shuffledSubarray([...rows.keys()], { minLength: rows.length }),
        at: fc.integer({ min: 0, max: rows.length }),
      }),
    );
    fc.assert(
      fc.property(cut, ({ rows, order, at }) => {
        const shuffled = order.map((i) => rows[i]!);
        const merged = sumAttributions([count(shuffled.slice(at)), count(shuffled.slice(0, at))]);
        expect(JSON.stringify(merged)).toBe(JSON.stringify(count(rows)));
      }),
      { numRuns: 300, seed: 12 },
    );
  });
});
