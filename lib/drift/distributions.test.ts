import { describe, expect, it } from 'vitest';
import { wilson } from '../measurements/intervals.ts';
import { expectNear, expectP, goldenFile, hasGolden } from '../testing/golden.ts';
import { betaInc, betaQuantile, tSurvival } from './beta.ts';
import { ksP } from './empirical.ts';
import { kolmogorovSurvival, oneSampleSurvival, oneSidedSurvival, twoSampleSurvival } from './kolmogorov.ts';

type KsRow = {
  n: number;
  m: number;
  d: number;
  p_exact: number;
  p_asymp_kstwo: number;
  p_limit: number;
  p_stephens: number;
};

describe.skipIf(!hasGolden)('against scipy', () => {
  const golden = hasGolden ? goldenFile<Record<string, number[][]>>('specfun.json') : {};

  it('the incomplete beta function', () => {
    for (const [a, b, x, p] of golden.betainc_reg!) expectP(betaInc(a!, b!, x!), p!, `I_${x}(${a}, ${b})`);
  });

  it('the tail of t', () => {
    for (const [t, dof, p] of golden.t_sf!) expectP(tSurvival(t!, dof!), p!, `t = ${t}, dof ${dof}`);
  });

  it('the beta quantiles behind exact binomial intervals (Clopper & Pearson)', () => {
    for (const [hits, n, lo, hi] of golden.beta_ppf_clopper!) {
      expectNear(hits === 0 ? 0 : betaQuantile(0.025, hits!, n! - hits! + 1), lo!, 1e-9);
      expectNear(hits === n ? 1 : betaQuantile(0.975, hits! + 1, n! - hits!), hi!, 1e-9);
    }
  });

  it('the Wilson interval', () => {
    for (const [hits, n, lo, hi] of golden.wilson!) {
      expectNear(wilson(hits!, n!).lo, lo!, 1e-9);
      expectNear(wilson(hits!, n!).hi, hi!, 1e-9);
    }
  });

  it("Kolmogorov's limit", () => {
    for (const [x, p] of golden.kolmogorov_limit_sf!) expectP(kolmogorovSurvival(x!), p!, `x = ${x}`);
  });

  it('the one-sample statistic', () => {
    for (const [d, n, p] of golden.kstwo_sf!) expectP(oneSampleSurvival(d!, n!), p!, `D = ${d}, n = ${n}`);
  });

  it('the two-sample statistic, exactly', () => {
    for (const { n, m, d, p_exact } of goldenFile<{ rows: KsRow[] }>('ks_pvalues.json').rows) {
      expectP(twoSampleSurvival(d, n, m), p_exact, `D = ${d}, ${n} vs ${m}`);
    }
  });

  it('the two-sample statistic by every approximation, and how far Stephens’ is from the truth', () => {
    for (const { n, m, d, ...p } of goldenFile<{ rows: KsRow[] }>('ks_pvalues.json').rows) {
      const what = `D = ${d}, ${n} vs ${m}`;
      expectP(ksP(d, n, m, 'asymptotic').p, p.p_asymp_kstwo, what);
      expectP(ksP(d, n, m, 'limit').p, p.p_limit, what);
      expectP(ksP(d, n, m, 'stephens').p, p.p_stephens, what);
      if (p.p_exact <= 1e-6 || Math.min(n, m) < 100) continue;
      expectNear(p.p_stephens, p.p_exact, Math.min(n, m) >= 1_000 ? 0.04 : 0.19, what);
    }
  });
});

it('two values on each side: two of the six orders separate them', () => {
  expect(twoSampleSurvival(1, 2, 2)).toBeCloseTo(1 / 3, 15);
});

it('the one-sided tail of a single value is the uniform tail', () => {
  expect(oneSidedSurvival(0.3, 1)).toBeCloseTo(0.7, 14);
});
