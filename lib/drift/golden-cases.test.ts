import { describe, expect, it } from 'vitest';
import { newcombe, wilson } from '../measurements/intervals.ts';
import { expectNear, expectP, type GoldenValue, goldenCases, goldenFile, goldenSamples } from '../testing/golden.ts';
import { gTest, homogeneity, twoProportions } from './contingency.ts';
import { hellinger, jensenShannon, lInfinity } from './divergence.ts';
import { ksP, ksStatistic, populationDeviation, wasserstein, wassersteinNormed } from './empirical.ts';
import {
  binnedCounts,
  evidentlyChiSquare,
  evidentlyDefault,
  evidentlyHellinger,
  evidentlyJensenShannon,
  evidentlyKl,
  evidentlyPsi,
  evidentlyZ,
  type Sample,
} from './evidently.ts';
import { chunkThresholds, fitCategorical, fitNumeric } from './nannyml.ts';

type Scored = { score?: number; drift?: boolean; method?: string; threshold?: number };
type Ks = { statistic: number; p: number; location: number; sign: number };
type Test = { stat: number; p: number; dof: number };
type Chunked = {
  value?: number;
  upper_threshold?: number | null;
  alert?: boolean;
  reference_chunk_values?: number[];
  p_value?: number;
};
type Case = {
  kind: 'numeric' | 'categorical' | 'boolean';
  expected: {
    clean: {
      n_ref: number;
      n_cur: number;
      std0_ref: number;
      ref_counts: number[];
      cur_counts: number[];
      keys: string[];
    };
    scipy: Record<string, number> & {
      ks_2samp_auto: Ks;
      ks_2samp_exact?: Ks;
      ks_2samp_asymp: Ks;
      chi2_contingency: Test;
      chi2_contingency_yates: Test;
      g_contingency: Test;
      z_test_proportions?: { z: number; p: number };
      diff_newcombe_95?: { lower: number; upper: number };
      wilson_95_ref?: [number, number];
      wilson_95_cur?: [number, number];
    };
    evidently: Record<string, Scored> & {
      bins_psi_js_kl?: { edges?: number[]; ref_counts?: number[]; cur_counts?: number[] };
      psi_percents_after_zero_fill?: unknown;
      js_base2_on_same_bins?: number;
    };
    nannyml: Record<string, Chunked>;
    psi_variants?: Record<
      string,
      { ref_counts: number[]; cur_counts: number[]; js_distance_base2?: number; hellinger?: number; chi2_2xk?: Test }
    >;
  };
};

const CHUNKS = 10;
const finite = (values: readonly GoldenValue[]): Float64Array =>
  Float64Array.from(
    values.flatMap((value) => (value !== null && Number.isFinite(Number(value)) ? [Number(value)] : [])),
  ).sort();
const filled = (values: readonly GoldenValue[], kind: string): string[] =>
  values.flatMap((value) =>
    value === null ? [] : [kind === 'boolean' ? (String(value) === 'true' ? 'True' : 'False') : String(value)],
  );
const chunks = <T>(values: readonly T[]): T[][] => {
  const size = Math.floor(values.length / CHUNKS);
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));
};

describe.skipIf(goldenCases.length === 0)('the experts’ methods agree with the reference implementations', () => {
  const numeric = goldenCases.filter((name) => name.startsWith('num') || /age|hours|car_value|lead_time/.test(name));
  const categorical = goldenCases.filter((name) => !numeric.includes(name));

  it('reads all cases', () => {
    expect(numeric.length + categorical.length).toBe(24);
  });

  it.each(numeric)('%s: Kolmogorov-Smirnov and Wasserstein', (name) => {
    const { scipy, clean } = goldenFile<Case>(`cases/${name}.json`).expected;
    const raw = goldenSamples(name);
    const [reference, current] = [finite(raw.reference), finite(raw.current)];
    const [n, m] = [reference.length, current.length];
    expect([n, m]).toEqual([clean.n_ref, clean.n_cur]);
    const ks = ksStatistic(reference, current);
    expectNear(ks.statistic, scipy.ks_2samp_auto.statistic, 1e-9, 'D');
    if (ks.statistic > 0)
      expect({ location: ks.location, sign: ks.sign }).toEqual({
        location: scipy.ks_2samp_auto.location,
        sign: scipy.ks_2samp_auto.sign,
      });
    expectP(ksP(ks.statistic, n, m).p, scipy.ks_2samp_auto.p, 'auto');
    if (scipy.ks_2samp_exact) expectP(ksP(ks.statistic, n, m, 'exact').p, scipy.ks_2samp_exact.p, 'exact');
    expectP(ksP(ks.statistic, n, m, 'asymptotic').p, scipy.ks_2samp_asymp.p, 'asymptotic');
    expectP(ksP(ks.statistic, n, m, 'limit').p, scipy.ks_p_kolmogorov_limit!, 'limit');
    expectP(ksP(ks.statistic, n, m, 'stephens').p, scipy.ks_p_stephens!, 'stephens');
    expectNear(wasserstein(reference, current), scipy.wasserstein!, 1e-9, 'W');
    expectNear(populationDeviation(reference), clean.std0_ref, 1e-9, 'std');
  });

  it.each(numeric)('%s: distances and chi-square on the psi bins', (name) => {
    for (const variant of Object.values(goldenFile<Case>(`cases/${name}.json`).expected.psi_variants ?? {})) {
      const { ref_counts: before, cur_counts: now, js_distance_base2: js, hellinger: h, chi2_2xk: chi2 } = variant;
      if (js !== undefined) expectNear(jensenShannon(before, now), js, 1e-9, 'JS');
      if (h !== undefined) expectNear(hellinger(before, now), h, 1e-9, 'Hellinger');
      if (chi2) expectTest(homogeneity(before, now), chi2);
    }
  });

  it.each(categorical)('%s: tests and distances of counts', (name) => {
    const { clean, scipy } = goldenFile<Case>(`cases/${name}.json`).expected;
    const { ref_counts: before, cur_counts: now } = clean;
    expectTest(homogeneity(before, now), scipy.chi2_contingency);
    expectTest(homogeneity(before, now, true), scipy.chi2_contingency_yates);
    expectTest(gTest(before, now), scipy.g_contingency);
    expectNear(jensenShannon(before, now), scipy.js_distance_base2!, 1e-9, 'JS');
    expectNear(jensenShannon(before, now, Math.E), scipy.js_distance_base_e!, 1e-9, 'JS in base e');
    expectNear(lInfinity(before, now), scipy.l_infinity!, 1e-9, 'L∞');
    expectNear(hellinger(before, now), scipy.hellinger!, 1e-9, 'Hellinger');
    if (!scipy.z_test_proportions) return;
    const [one, two] = [side(before), side(now)];
    expectNear(twoProportions(one, two).z, scipy.z_test_proportions.z, 1e-9, 'z');
    expectP(twoProportions(one, two).p, scipy.z_test_proportions.p, 'p of z');
    const difference = newcombe(two, one);
    if (scipy.diff_newcombe_95) {
      expectNear(difference.lo, scipy.diff_newcombe_95.lower, 1e-9, 'Newcombe');
      expectNear(difference.hi, scipy.diff_newcombe_95.upper, 1e-9, 'Newcombe');
    }
    if (scipy.wilson_95_ref) expectNear(wilson(one.hits, one.n).lo, scipy.wilson_95_ref[0], 1e-9, 'Wilson');
    if (scipy.wilson_95_cur) expectNear(wilson(two.hits, two.n).hi, scipy.wilson_95_cur[1], 1e-9, 'Wilson');
  });

  it.each(goldenCases)('%s: what Evidently says', (name) => {
    const { kind, expected } = goldenFile<Case>(`cases/${name}.json`);
    const raw = goldenSamples(name);
    const sample: Sample =
      kind === 'numeric'
        ? { kind, reference: finite(raw.reference), current: finite(raw.current) }
        : { kind: 'categorical', reference: filled(raw.reference, kind), current: filled(raw.current, kind) };
    const says = expected.evidently;
    const { edges } = says.bins_psi_js_kl ?? {};
    if (edges) {
      const counts = binnedCounts(sample);
      expect(counts.reference).toEqual(says.bins_psi_js_kl!.ref_counts);
      expect(counts.current).toEqual(says.bins_psi_js_kl!.cur_counts);
    }
    const score = (key: string) => says[key]?.score;
    const near = (key: string, actual: () => number) => {
      const wanted = score(key);
      if (wanted !== undefined) expectNear(actual(), wanted, 1e-8, key);
    };
    near('psi', () => evidentlyPsi(sample));
    near('kl_div', () => evidentlyKl(sample));
    near('jensenshannon', () => evidentlyJensenShannon(sample));
    near('hellinger', () => evidentlyHellinger(sample));
    if (sample.kind === 'numeric') near('wasserstein', () => wassersteinNormed(sample.reference, sample.current));
    if (score('chisquare') !== undefined) expectP(evidentlyChiSquare(sample).p, score('chisquare')!, 'chi-square');
    // The tool takes its tail as 1 - cdf, which leaves nothing below the spacing of doubles at 1.
    const z = score('z');
    if (z !== undefined) expect(Math.abs(evidentlyZ(sample) - z)).toBeLessThanOrEqual(1e-8 * z + 3e-16);
    const verdict = evidentlyDefault(sample);
    expect(verdict.method).toBe(says.default!.method);
    expect([verdict.drift, verdict.threshold]).toEqual([says.default!.drift, says.default!.threshold]);
    expectNear(verdict.score, says.default!.score!, 1e-8, 'default');
  });

  it.each(goldenCases)('%s: what NannyML says', (name) => {
    const { kind, expected } = goldenFile<Case>(`cases/${name}.json`);
    const raw = goldenSamples(name);
    for (const [method, wanted] of Object.entries(expected.nannyml)) {
      if (wanted.value === undefined || wanted.value === null) continue;
      const [whole, parts] = kind === 'numeric' ? ofNumbers(method, raw) : ofCategories(method, raw, kind);
      expectNear(whole, wanted.value, 1e-9, method);
      for (const [i, value] of wanted.reference_chunk_values!.entries()) {
        expectNear(parts[i]!, value, 1e-9, `${method} of chunk ${i}`);
      }
      if (wanted.upper_threshold === null || wanted.upper_threshold === undefined) continue;
      const limits = method === 'kolmogorov_smirnov' ? { upper: 1 } : {};
      const { upper } = chunkThresholds(parts, limits);
      expectNear(upper, wanted.upper_threshold, 1e-9, `${method} threshold`);
      expect(whole > upper).toBe(wanted.alert);
    }
  });
});

function ofNumbers(method: string, raw: ReturnType<typeof goldenSamples>): [number, number[]] {
  const fitted = fitNumeric(method as Parameters<typeof fitNumeric>[0], finite(raw.reference));
  return [fitted(finite(raw.current)), chunks(raw.reference).map((chunk) => fitted(finite(chunk)))];
}

function ofCategories(method: string, raw: ReturnType<typeof goldenSamples>, kind: string): [number, number[]] {
  const fitted = fitCategorical(method as Parameters<typeof fitCategorical>[0], filled(raw.reference, kind));
  return [fitted(filled(raw.current, kind)), chunks(raw.reference).map((chunk) => fitted(filled(chunk, kind)))];
}

function side(counts: readonly number[]): { hits: number; n: number } {
  return { hits: counts[1]!, n: counts[0]! + counts[1]! };
}

function expectTest(actual: { statistic: number; p: number; dof: number }, wanted: Test): void {
  expectNear(actual.statistic, wanted.stat, 1e-9, 'statistic');
  expectP(actual.p, wanted.p, 'p');
  expect(actual.dof).toBe(wanted.dof);
}
