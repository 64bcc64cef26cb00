import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharesOf } from '../models/rules/importance.ts';
import { importanceOf, ranked, weigh } from './importance.ts';

const values = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 8 }),
  fc.double({ min: 0, max: 1e300, noNaN: true }),
  {
    minKeys: 1,
    maxKeys: 40,
  },
);
const feature = (name: string) => ({ name, role: 'feature' as const });
const association = {
  method: 'epsilon_squared/1' as const,
  n: 100,
  columns: {
    income: { groups: 10, eta2: 0.65, epsilon2: 0.6 },
    age: { groups: 10, eta2: 0.25, epsilon2: 0.2 },
    town: { groups: 4, eta2: 0.02, epsilon2: 0 },
  },
};

describe('importance', () => {
  it('becomes shares that add up to one, in the order of the values', () => {
    fc.assert(
      fc.property(values, (given) => {
        const shares = sharesOf(given);
        const entries = Object.entries(shares);
        if (Object.values(given).every((value) => value === 0)) return expect(shares).toEqual({});
        expect(entries.reduce((sum, [, share]) => sum + share, 0)).toBeCloseTo(1, 9);
        const by = (of: Record<string, number>) =>
          Object.keys(given).sort((a, b) => of[b]! - of[a]! || (a < b ? -1 : 1));
        const [sent, kept] = [by(given), by(shares)];
        for (const [i, name] of sent.entries()) expect(shares[name]).toBe(shares[kept[i]!]);
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it('is the same whatever the order of the columns', () => {
    fc.assert(
      fc.property(values, (given) => {
        const turned = Object.fromEntries(Object.entries(given).reverse());
        expect(sharesOf(turned)).toEqual(sharesOf(given));
      }),
      { numRuns: 300, seed: 3 },
    );
  });

  it('that was sent wins over the computed one, and what it leaves out does not matter', () => {
    const sent = importanceOf({ association }, { method: 'shap mean |value|', values: { income: 3, age: 1 } });
    expect(sent).toMatchObject({ source: 'sent', method: 'shap mean |value|', shares: { income: 0.75, age: 0.25 } });
    expect(weigh(sent, feature('town'), { psi: 5, noiseLimit: 0 })).toEqual({ importance: 0, priority: 0 });
  });

  it('is computed from what each column explains beyond chance, and says so', () => {
    const computed = importanceOf({ association }, undefined);
    expect(computed.source).toBe('computed');
    expect(computed.method).toMatch(/one column at a time/);
    expect(computed.shares.income).toBeCloseTo(0.75, 12);
    expect(computed.explained).toEqual({ income: 0.6, age: 0.2, town: 0 });
  });

  it('is unknown where no column explains anything, or nothing was measured', () => {
    const none = { ...association, columns: { town: association.columns.town } };
    for (const profile of [{ association: none }, { association: null }, {}]) {
      const unknown = importanceOf(profile, undefined);
      expect(unknown.source).toBeNull();
      expect(weigh(unknown, feature('town'), { psi: 5, noiseLimit: 0 })).toEqual({ importance: null, priority: null });
    }
  });
});

describe('the order of the columns', () => {
  const computed = importanceOf({ association }, undefined);
  const seen = (name: string, psi: number, noiseLimit: number, role: 'feature' | 'score' = 'feature') => ({
    name,
    latest: { psi },
    ...weigh(computed, { name, role }, { psi, noiseLimit }),
  });

  it('is drift beyond its noise times importance', () => {
    // income (0.20 - 0.05) * 0.75 = 0.1125; age (0.45 - 0.05) * 0.25 = 0.1; town has no importance; noise holds all of usual.
    const list = [seen('town', 3, 0.05), seen('age', 0.45, 0.05), seen('usual', 0.04, 0.05), seen('income', 0.2, 0.05)];
    expect(ranked(list).map(({ name, rank }) => [name, rank])).toEqual([
      ['income', 1],
      ['age', 2],
      ['town', 3],
      ['usual', 4],
    ]);
  });

  it('weighs what the model puts out as much as all inputs together', () => {
    const list = [seen('income', 0.2, 0.05), seen('score', 0.2, 0.05, 'score')];
    expect(ranked(list).map(({ name }) => name)).toEqual(['score', 'income']);
    expect(ranked(list)[0]).toMatchObject({ importance: null });
  });

  it('is drift alone where no importance is known, and never depends on the order of reading', () => {
    const unknown = importanceOf({}, undefined);
    const shown = fc.record({ name: fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 1 }), psi: fc.nat(3) });
    fc.assert(
      fc.property(fc.uniqueArray(shown, { maxLength: 8, selector: ({ name }) => name[0] }), (columns) => {
        const list = columns.map(({ name, psi }) => ({
          name: name[0]!,
          latest: { psi },
          ...weigh(unknown, feature(name[0]!), { psi, noiseLimit: 9 }),
        }));
        const order = ranked(list);
        expect(ranked(list.toReversed())).toEqual(order);
        for (const [i, { latest }] of order.entries()) {
          if (i > 0) expect(latest.psi).toBeLessThanOrEqual(order[i - 1]!.latest.psi);
        }
      }),
      { numRuns: 200, seed: 6 },
    );
  });
});
