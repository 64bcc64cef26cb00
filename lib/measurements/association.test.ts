import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainedShare, type Group } from './association.ts';

const groupOf = (values: readonly number[]): Group => ({ n: values.length, sum: values.reduce((a, b) => a + b, 0) });
function explained(groups: readonly (readonly number[])[]) {
  const all = groups.flat();
  const squares = all.reduce((held, value) => held + BigInt(value) * BigInt(value), 0n);
  return explainedShare(groups.map(groupOf), { ...groupOf(all), squares });
}

describe('how much of the score a column explains', () => {
  it('is the correlation ratio, and the one without chance', () => {
    // Scores in hundredths. numpy and the F statistic
    // of scipy 1.17.1 f_oneway (eta2 = F(k-1) / (F(k-1) + n-k)) both give 0.83418628454452; epsilon2 = 1 - (1 - eta2) * 11 / 9.
    const found = explained([
      [10, 20, 30, 40],
      [50, 60, 40],
      [90, 70, 80, 95, 65],
    ])!;
    expect(found.groups).toBe(3);
    expect(found.eta2).toBeCloseTo(0.8341862845445248, 13);
    expect(found.epsilon2).toBeCloseTo(0.797338792221086, 13);
  });

  it('is everything where each group has one score, and nothing where all have the same mean', () => {
    expect(
      explained([
        [1, 1, 1],
        [5, 5],
      ]),
    ).toEqual({ groups: 2, eta2: 1, epsilon2: 1 });
    expect(
      explained([
        [1, 5],
        [2, 4],
      ]),
    ).toEqual({ groups: 2, eta2: 0, epsilon2: 0 });
  });

  it('cannot be said where the score never varies, or every row is a group', () => {
    expect(explained([[3, 3], [3]])).toBeNull();
    expect(explained([[1], [2]])).toBeNull();
  });

  it('is (k - 1) / (n - 1) on average over all orders of the score, and nothing once that is taken out', () => {
    const scores = [1, 2, 3, 5, 8, 13];
    const orders = permutations(scores).map((order) => [order.slice(0, 2), order.slice(2, 4), order.slice(4)]);
    const shares = orders.map((groups) => explained(groups)!.eta2);
    expect(shares.reduce((a, b) => a + b, 0) / shares.length).toBeCloseTo(2 / 5, 12);
    const corrected = shares.map((eta2) => 1 - ((1 - eta2) * 5) / 3);
    expect(corrected.reduce((a, b) => a + b, 0) / corrected.length).toBeCloseTo(0, 12);
  });

  it('does not change with the order of the groups or the scale of the score', () => {
    const group = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(group, { minLength: 2, maxLength: 6 }), (groups) => {
        const found = explained(groups);
        const turned = explained(groups.toReversed().map((values) => values.toReversed()));
        const scaled = explained(groups.map((values) => values.map((value) => value * 4 + 100)));
        for (const other of [turned, scaled]) {
          expect(other === null).toBe(found === null);
          if (found && other) expect(other.eta2).toBeCloseTo(found.eta2, 10);
        }
      }),
      { numRuns: 200, seed: 8 },
    );
  });
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}
