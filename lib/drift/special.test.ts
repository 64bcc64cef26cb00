import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chi2Survival, chi2UpperQuantile, gammaQ, normalQuantile, normalSurvival } from './special.ts';

const FILE = join(import.meta.dirname, '../../../shared/golden/specfun.json');
const golden = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, number[][]>) : null;

/** p-values within 1e-8 relative down to 1e-300; below, doubles have no digits left to compare. */
function agrees(actual: number, expected: number, tolerance = 1e-8): void {
  if (expected < 1e-300) expect(actual).toBeLessThan(1e-290);
  else expect(Math.abs(actual - expected) / expected).toBeLessThan(tolerance);
}

describe.skipIf(golden === null)('against scipy', () => {
  it('the normal tail', () => {
    for (const [x, p] of golden!.norm_sf!) agrees(normalSurvival(x!), p!);
  });

  it('the normal quantile', () => {
    for (const [p, x] of golden!.norm_ppf!) expect(normalQuantile(p!)).toBeCloseTo(x!, 9);
  });

  it('the chi-square tail', () => {
    for (const [x, dof, p] of golden!.chi2_sf!) agrees(chi2Survival(x!, dof!), p!);
  });

  it('the chi-square quantile', () => {
    for (const [tail, dof, x] of golden!.chi2_isf!) agrees(chi2UpperQuantile(tail!, dof!), x!, 1e-9);
  });

  it('the incomplete gamma function', () => {
    for (const [a, x, q] of golden!.gammainc_upper_reg!) agrees(gammaQ(a!, x!), q!);
  });
});

it('the five percent point of one degree of freedom is 3.84', () => {
  expect(chi2UpperQuantile(0.05, 1)).toBeCloseTo(3.841458820694124, 10);
});
