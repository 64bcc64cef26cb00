import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { categoricalBins, numericBins } from '../measurements/bins.ts';
import { packCounts } from '../measurements/counts.ts';
import { compareRows, processObservations, processReference } from '../measurements/engine.ts';
import type { ColumnCounts, ProfiledColumn } from '../measurements/schema.ts';
import { columnTally } from '../measurements/tally.ts';
import { expectNear, goldenCases, goldenFile, goldenSamples } from '../testing/golden.ts';
import { ksStatistic, populationDeviation, wasserstein } from './empirical.ts';
import { binnedMethods, exactMethods } from './methods.ts';
import type { MethodResult } from './schema.ts';

const answerOf = (results: MethodResult[], method: string, variant: string) =>
  results.find((result) => result.method === method && result.variant === variant)!;

function numericPair(reference: Float64Array, current: Float64Array): [ProfiledColumn, ColumnCounts] {
  const bins = numericBins(reference);
  const counted = (values: Float64Array) => {
    const tally = columnTally(bins);
    tally.add(values, new Int32Array(values.length), values.length);
    return tally.read(0);
  };
  const column: ProfiledColumn = {
    name: 'x',
    role: 'feature',
    kind: 'numeric',
    bins,
    counts: counted(reference),
    median: null,
  };
  return [column, counted(current)];
}

type Golden = {
  expected: {
    scipy: { ks_2samp_auto: { statistic: number }; wasserstein: number };
    psi_variants: {
      quantile10: {
        psi_add_half: number;
        'psi_eps1e-4': number;
        js_distance_base2: number;
        hellinger: number;
        chi2_2xk: { stat: number; p: number };
      };
    };
  };
};

describe.skipIf(goldenCases.length === 0)('from stored counts', () => {
  const numeric = goldenCases.filter((name) => name.startsWith('num') || /age|hours|car_value|lead_time/.test(name));
  const sorted = (values: readonly unknown[]) =>
    Float64Array.from(
      values.filter((value) => value !== null && Number.isFinite(Number(value))),
      Number,
    ).sort();

  it.each(numeric)('%s: what the reference implementations say of the same bins', (name) => {
    const raw = goldenSamples(name);
    const { scipy, psi_variants: variants } = goldenFile<Golden>(`cases/${name}.json`).expected;
    const wanted = variants.quantile10;
    const [reference, current] = [sorted(raw.reference), sorted(raw.current)];
    const results = binnedMethods(...numericPair(reference, current));
    // Of eight rows the reference implementation counts deciles that neither side fills.
    if (reference.length >= 100) {
      expectNear(answerOf(results, 'psi', 'reference_deciles_add_half').value!, wanted.psi_add_half, 1e-9);
    }
    expectNear(answerOf(results, 'psi', 'reference_deciles_empty_1e-4').value!, wanted['psi_eps1e-4'], 1e-9);
    expectNear(answerOf(results, 'jensen_shannon', 'reference_deciles_base_2').value!, wanted.js_distance_base2, 1e-9);
    expectNear(answerOf(results, 'hellinger', 'reference_deciles').value!, wanted.hellinger, 1e-9);
    expectNear(answerOf(results, 'chi_square', 'reference_deciles_homogeneity').value!, wanted.chi2_2xk.stat, 1e-9);
    expectNear(answerOf(results, 'chi_square', 'reference_deciles_homogeneity').p!, wanted.chi2_2xk.p, 1e-8);

    // Binned: never above the truth, and below it by at most the fullest bin where bins are stretches.
    const ks = answerOf(results, 'kolmogorov_smirnov', 'reference_fine_bins_stephens').value!;
    expect(ks).toBeLessThanOrEqual(scipy.ks_2samp_auto.statistic + 1e-12);
    expect(scipy.ks_2samp_auto.statistic - ks).toBeLessThan(0.01);
    const deviation = populationDeviation(reference) || 1;
    const distance = answerOf(results, 'wasserstein', 'reference_fine_bins').value!;
    // Eight rows leave bins as wide as the data; heavy tails put much of the distance into the two open bins.
    if (reference.length >= 100) expect(Math.abs(distance - scipy.wasserstein) / deviation).toBeLessThan(0.03);
  });
});

describe('a method by name', () => {
  const categories = (before: number[], now: number[]): [ProfiledColumn, ColumnCounts] => {
    const column = (counts: number[]): ColumnCounts => ({
      counts: packCounts(counts),
      missing: 0,
      nan: 0,
      inf: 0,
      moments: null,
      newCount: 0,
      newValues: [],
    });
    const bins = categoricalBins(
      new Map([
        ['yes', before[0]!],
        ['no', before[1]!],
      ]),
    );
    return [
      { name: 'paid', role: 'feature', kind: 'categorical', bins, counts: column(before), median: null },
      column(now),
    ];
  };

  it('two categories have a z-test that says what chi-square says', () => {
    const results = binnedMethods(...categories([306, 94, 0], [219, 131, 0]));
    const z = answerOf(results, 'two_proportion_z', 'pooled');
    const chi2 = answerOf(results, 'chi_square', 'reference_categories_homogeneity');
    expect(z.value! ** 2).toBeCloseTo(chi2.value!, 9);
    expectNear(z.p!, chi2.p!, 1e-9);
    expect(results.map((result) => result.method)).not.toContain('kolmogorov_smirnov');
  });

  it('a window without rows has no answer', () => {
    expect(binnedMethods(...categories([306, 94, 0], [0, 0, 0]))).toEqual([]);
  });

  it('every variant has one name of its own', () => {
    const values = Float64Array.from({ length: 3_000 }, (_, i) => Math.sin(i)).sort();
    const names = binnedMethods(...numericPair(values, values)).map(({ method, variant }) => `${method}/${variant}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('from the rows', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rows-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('Kolmogorov-Smirnov and Wasserstein in SQL are those of the merge walk', async () => {
    const data = join(import.meta.dirname, '../../db/demo/car-loan');
    const roles = { timestamp: 'timestamp', score: 'y_pred_proba', prediction: 'y_pred', label: 'repaid' };
    const [reference, monitoring] = [join(folder, 'reference.parquet'), join(folder, 'monitoring.parquet')];
    const read = await processReference({
      path: join(data, 'reference.parquet'),
      format: 'parquet',
      output: reference,
      roles,
      purpose: 'reference',
    });
    if (!read.ok) throw new Error(JSON.stringify(read.errors));
    const observed = await processObservations({
      path: join(data, 'monitoring.parquet'),
      format: 'parquet',
      output: monitoring,
      roles,
      purpose: 'observations',
      contract: read.inspection,
      profile: read.profile,
      unit: 'month',
      timezone: 'UTC',
    });
    if (!observed.ok) throw new Error(JSON.stringify(observed.errors));
    const month = observed.windows[2]!;
    const answer = await compareRows({
      reference: { parquet: reference, columns: read.inspection.columns },
      observations: [{ parquet: monitoring, columns: observed.inspection.columns, timestamp: 'timestamp' }],
      column: 'car_value',
      from: month.start,
      to: month.end,
    });
    if (!answer.ok || !answer.exact) throw new Error('no answer');
    const { exact } = answer;
    expect([exact.n, exact.referenceN]).toEqual([month.n, 50_000]);

    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const values = async (file: string, where = 'true') => {
      const rows = await connection.runAndReadAll(`SELECT car_value FROM '${file}' WHERE ${where} ORDER BY 1`);
      return Float64Array.from(rows.getColumnsJS()[0]!, Number);
    };
    const before = await values(reference);
    const now = await values(
      monitoring,
      `"timestamp" >= '${month.start}'::TIMESTAMPTZ AND "timestamp" < '${month.end}'::TIMESTAMPTZ`,
    );
    connection.closeSync();
    expectNear(exact.statistic, ksStatistic(before, now).statistic, 1e-9);
    expectNear(exact.distance!, wasserstein(before, now), 1e-9);
    expectNear(exact.deviation!, populationDeviation(before), 1e-9);
    const [ks] = exactMethods(exact);
    expect(ks).toMatchObject({ method: 'kolmogorov_smirnov', variant: 'rows_asymptotic' });
  });

  it('small samples have the exact p-value', () => {
    const [ks] = exactMethods({ n: 2, referenceN: 3, statistic: 1, distance: 8.5, deviation: 0.8 });
    expect(ks).toEqual({ method: 'kolmogorov_smirnov', variant: 'rows_exact', value: 1, p: 0.2 });
  });
});
