import { describe, expect, it } from 'vitest';
import { chunked, expectNear, expectP, goldenFile, hasGolden, publishedColumns } from '../testing/golden.ts';
import { jensenShannon, kullbackLeibler } from './divergence.ts';
import { ksP, ksStatistic, wasserstein } from './empirical.ts';
import { type Adjustment, adjustP } from './multiple-testing.ts';
import { chunkThresholds, fitCategorical, fitNumeric } from './nannyml.ts';

type Row = { chunk: { period: string } } & Record<
  string,
  Record<string, { value: number; upper_threshold: number | null; alert: boolean }>
>;

describe.skipIf(!hasGolden)('NannyML’s drift on its own data sets', () => {
  it.each(['car_loan', 'hotel_booking'])('%s: every method, column and chunk', async (name) => {
    const golden = goldenFile<{ chunk_size: number; rows: Row[] }>(`nannyml/${name}_univariate_drift.json`);
    const [first] = golden.rows;
    const columns = Object.keys(first!).filter((key) => key !== 'chunk');
    const reference = await publishedColumns(name, 'reference', columns);
    const monitoring = await publishedColumns(name, 'monitoring', columns);
    for (const column of columns) {
      const numeric = 'wasserstein' in first![column]!;
      const chunks = [
        ...chunked(reference[column]!, golden.chunk_size),
        ...chunked(monitoring[column]!, golden.chunk_size),
      ];
      for (const method of Object.keys(first![column]!)) {
        const fitted = numeric ? numbers(method, reference[column]!) : texts(method, reference[column]!);
        const values = chunks.map(fitted);
        const ofReference = values.filter((_, i) => golden.rows[i]!.chunk.period === 'reference');
        const limits = method === 'kolmogorov_smirnov' ? { upper: 1 } : {};
        const { upper } = chunkThresholds(ofReference, limits);
        for (const [i, value] of values.entries()) {
          const wanted = golden.rows[i]![column]![method]!;
          expectNear(value, wanted.value, 1e-9, `${column} ${method} chunk ${i}`);
          if (wanted.upper_threshold === null) continue;
          expectNear(upper, wanted.upper_threshold, 1e-9, `${column} ${method} threshold`);
          expect(value > upper).toBe(wanted.alert);
        }
      }
    }
  });
});

describe.skipIf(!hasGolden)('small truths', () => {
  type Misc = {
    multiple_testing: { p: number[] } & Record<string, { p_adjusted: number[]; 'reject_0.05': boolean[] }>;
    edge_cases: { name: string; a: number[]; b: number[]; ks: number; p: number; wasserstein: number }[];
    jensen_shannon: { p: number[]; q: number[]; base2: number; base_e: number; kl_pq: number | 'Infinity' }[];
  };
  const misc = hasGolden ? goldenFile<Misc>('misc.json') : ({} as Misc);
  const adjustments: [string, Adjustment][] = [
    ['bonferroni', 'bonferroni'],
    ['holm', 'holm'],
    ['fdr_bh', 'benjamini-hochberg'],
    ['fdr_by', 'benjamini-yekutieli'],
  ];

  it.each(adjustments)('p-values of many tests: %s', (key, adjustment) => {
    const { p, [key]: wanted } = misc.multiple_testing;
    const adjusted = adjustP(p, adjustment);
    for (const [i, value] of wanted!.p_adjusted.entries()) expectNear(adjusted[i]!, value, 1e-9);
    expect(adjusted.map((value) => value <= 0.05)).toEqual(wanted!['reject_0.05']);
  });

  it('samples of a handful, tied, disjoint and equal', () => {
    for (const { name, a, b, ks, p, wasserstein: distance } of misc.edge_cases) {
      const found = ksStatistic(a, b);
      expect(found.statistic, name).toBeCloseTo(ks, 12);
      expectP(ksP(found.statistic, a.length, b.length).p, p, name);
      expect(wasserstein([...a].sort(byValue), [...b].sort(byValue)), name).toBeCloseTo(distance, 12);
    }
  });

  it('Jensen-Shannon and Kullback-Leibler at their ends', () => {
    for (const { p, q, base2, base_e, kl_pq } of misc.jensen_shannon) {
      expectNear(jensenShannon(p, q), base2, 1e-9);
      expectNear(jensenShannon(p, q, Math.E), base_e, 1e-9);
      if (kl_pq === 'Infinity') expect(kullbackLeibler(p, q)).toBe(Infinity);
      else expectNear(kullbackLeibler(p, q), kl_pq, 1e-9);
    }
  });
});

const byValue = (a: number, b: number) => a - b;

function numbers(method: string, reference: (number | string)[]) {
  const sorted = (values: (number | string)[]) => Float64Array.from(values, Number).sort();
  const fitted = fitNumeric(method as Parameters<typeof fitNumeric>[0], sorted(reference));
  return (chunk: (number | string)[]) => fitted(sorted(chunk));
}

function texts(method: string, reference: (number | string)[]) {
  const fitted = fitCategorical(method as Parameters<typeof fitCategorical>[0], reference.map(String));
  return (chunk: (number | string)[]) => fitted(chunk.map(String));
}
