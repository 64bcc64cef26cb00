import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { explainedShare, type Group } from './association.ts';
import { processReference } from './engine.ts';
import type { ColumnRoles, ReferenceProfile } from './schema.ts';

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

describe('a reference', () => {
  const folder = mkdtempSync(join(tmpdir(), 'association-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let files = 0;

  async function profileOf(rows: readonly string[], roles: ColumnRoles): Promise<ReferenceProfile> {
    const path = join(folder, `${files++}.csv`);
    writeFileSync(path, `a,b,answer,shap_a,shap_b\n${rows.join('\n')}\n`);
    const answer = await processReference({
      path,
      format: 'csv',
      output: `${path}.parquet`,
      roles,
      purpose: 'reference',
    });
    if (!answer.ok) throw new Error(JSON.stringify(answer.errors));
    return answer.profile;
  }
  const attributions = { shap_a: 'a', shap_b: 'b' };
  /** `a` decides the answer but for a seventh, is missing in every ninth row, and `b` has nothing to do with it. */
  const rows = Array.from({ length: 3_000 }, (_, i) => {
    const a = (i * 7919) % 1000;
    const answer = (a + ((i * 31) % 143)) / 1143;
    return `${i % 9 === 0 ? '' : a},${'xyz'[(i * 17) % 3]},${answer},${(a - 500) / 3},${i % 11 === 0 ? '' : 0.1}`;
  });

  it('is explained to the last bit alike however its rows are sorted', async () => {
    const roles = { score: 'answer', attributions };
    const found = await profileOf(rows, roles);
    const sorted = await profileOf(rows.toSorted(), roles);
    expect(found.association!.columns.a!.epsilon2).toBeGreaterThan(0.7);
    expect(found.association!.columns.b!.epsilon2).toBeLessThan(0.01);
    // Ten deciles and the rows without a value.
    expect(found.association).toMatchObject({ n: 3_000, columns: { a: { groups: 11 }, b: { groups: 3 } } });
    expect(JSON.stringify(sorted.association)).toBe(JSON.stringify(found.association));
    expect(JSON.stringify(sorted.attributions)).toBe(JSON.stringify(found.attributions));
    const { unit, sums } = found.attributions!;
    expect(Number.isInteger(Math.log2(unit))).toBe(true);
    expect(sums.b).toMatchObject({ n: rows.length - Math.ceil(rows.length / 11) });
    expect((sums.b!.sum * unit) / sums.b!.n).toBeCloseTo(0.1, 6);
  });

  it('without a score is explained by the amount or the class that was predicted', async () => {
    const amount = await profileOf(rows, { prediction: 'answer', attributions });
    expect(amount.task).toEqual({ task: 'regression' });
    expect(amount.association!.columns.a!.epsilon2).toBeGreaterThan(0.7);
    const yesNo = rows.map((row) =>
      row
        .split(',')
        .with(2, Number(row.split(',')[2]) > 0.5 ? 'yes' : 'no')
        .join(','),
    );
    const classes = await profileOf(yesNo, { prediction: 'answer', attributions });
    expect(classes.task).toMatchObject({ task: 'binary', positive: 'yes' });
    expect(classes.association!.columns.a!.epsilon2).toBeGreaterThan(0.5);
  });

  it('without an answer that varies is not explained at all', async () => {
    expect((await profileOf(rows, { attributions })).association).toBeNull();
    const same = rows.map((row) => row.split(',').with(2, '0.3').join(','));
    expect((await profileOf(same, { score: 'answer', attributions })).association).toBeNull();
  });
});
