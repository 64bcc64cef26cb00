import { describe, expect, it } from 'vitest';
import { type Group, judgeFairness, ratioState } from './fairness.ts';

const none = { hits: 0, n: 0 };
const group = (name: string, hits: number, n: number, rest: Partial<Group> = {}): Group => ({
  name,
  named: true,
  rows: n,
  selected: { hits, n },
  rightly: none,
  wrongly: none,
  ...rest,
});

describe('groups of a protected column', () => {
  it('are held against the best-off group that has enough rows', () => {
    const { base, groups } = judgeFairness(
      [group('a', 300, 1000), group('b', 500, 1000), group('few', 30, 40), group('c', 490, 1000)],
      null,
    );
    expect(base).toBe('b');
    expect(groups.map(({ name, selected }) => [name, selected.state])).toEqual([
      ['a', 'review'],
      ['b', 'base'],
      ['few', 'cannot_judge'],
      ['c', 'ok'],
    ]);
  });

  it('have a ratio with its interval', () => {
    const { groups } = judgeFairness([group('a', 30, 100), group('b', 50, 100)], null);
    const { selected } = groups[0]!;
    expect(selected).toMatchObject({ rate: 0.3, ratio: 0.6, state: 'at_risk' });
    // statsmodels 0.15.0, score interval (see lib/measurements/ratio.test.ts)
    expect(selected.ratioLo).toBeCloseTo(0.41684475062560367, 8);
    expect(selected.ratioHi).toBeCloseTo(0.8515321143885233, 8);
  });

  it('may be held against a group that people named; faring much better than it is then a sign as well', () => {
    const { base, groups } = judgeFairness([group('a', 300, 1000), group('b', 500, 1000)], 'a');
    expect(base).toBe('a');
    expect(groups.map(({ selected }) => selected.state)).toEqual(['base', 'review']);
    expect(judgeFairness([group('b', 500, 1000)], 'gone').groups[0]!.selected.state).toBe('cannot_judge');
  });

  it('that have no value are shown, but are nobody to hold others against', () => {
    const { base } = judgeFairness([group('no value', 900, 1000, { named: false }), group('a', 300, 1000)], null);
    expect(base).toBe('a');
  });

  it('cannot be compared where nobody was chosen, or all are small', () => {
    const nobody = judgeFairness([group('a', 0, 1000), group('b', 0, 1000)], null);
    expect(nobody.groups.map(({ selected }) => selected.state)).toEqual(['base', 'cannot_judge']);
    const small = judgeFairness([group('a', 10, 49), group('b', 20, 49)], null);
    expect(small).toMatchObject({ base: null });
    expect(small.groups.every(({ selected }) => selected.state === 'cannot_judge')).toBe(true);
  });

  it('are compared on who deserved it where outcomes are known, in both directions', () => {
    const { groups } = judgeFairness(
      [
        group('a', 400, 1000, { rightly: { hits: 200, n: 400 }, wrongly: { hits: 300, n: 500 } }),
        group('b', 500, 1000, { rightly: { hits: 360, n: 400 }, wrongly: { hits: 100, n: 500 } }),
        group('c', 490, 1000, { rightly: { hits: 20, n: 30 }, wrongly: { hits: 101, n: 500 } }),
      ],
      null,
    );
    expect(groups.map(({ rightly, wrongly }) => [rightly.state, wrongly.state])).toEqual([
      ['review', 'review'],
      ['base', 'base'],
      ['cannot_judge', 'at_risk'],
    ]);
    expect(groups[0]!.wrongly.ratio).toBeCloseTo(3, 12);
  });
});

describe('four fifths', () => {
  it.each([
    [{ lo: 0.8, hi: 0.95 }, false, 'ok'],
    [{ lo: 0.79, hi: 0.95 }, false, 'at_risk'],
    [{ lo: 0.5, hi: 0.8 }, false, 'at_risk'],
    [{ lo: 0.5, hi: 0.79 }, false, 'review'],
    [{ lo: 0.9, hi: null }, false, 'ok'],
    [{ lo: 0.9, hi: 1.25 }, true, 'ok'],
    [{ lo: 0.9, hi: 1.3 }, true, 'at_risk'],
    [{ lo: 1.3, hi: null }, true, 'review'],
  ] as const)('says of %j (also too high: %s) %s', (interval, twoSided, state) => {
    expect(ratioState(interval, twoSided)).toBe(state);
  });
});
