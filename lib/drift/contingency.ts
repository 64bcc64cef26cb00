import { chi2Survival, normalSurvival } from './special.ts';

/** A test on counts: its statistic, two-sided p-value, and degrees of freedom where it has some. */
export type CountTest = { statistic: number; p: number; dof: number };

/**
 * Pearson's chi-square test that two samples of counts come from one distribution (homogeneity, 2 × k). Unlike a test against fixed
 * expected counts it knows that the reference is a sample too. Bins empty on both sides are left out.
 * @param yates subtract half a row from each deviation where k = 2 (Yates 1934)
 */
export function homogeneity(reference: readonly number[], current: readonly number[], yates = false): CountTest {
  const cells = expectedCells(reference, current);
  const dof = cells.length / 2 - 1;
  const correction = yates && dof === 1 ? 0.5 : 0;
  const statistic = cells.reduce((sum, { observed, expected }) => {
    const deviation = Math.abs(observed - expected);
    return sum + Math.max(0, deviation - Math.min(correction, deviation)) ** 2 / expected;
  }, 0);
  return { statistic, p: tail(statistic, dof), dof };
}

/** Likelihood-ratio (G) test of homogeneity: 2 Σ observed · ln(observed / expected) (Wilks 1938). */
export function gTest(reference: readonly number[], current: readonly number[]): CountTest {
  const cells = expectedCells(reference, current);
  const dof = cells.length / 2 - 1;
  const statistic = cells.reduce(
    (sum, { observed, expected }) => (observed === 0 ? sum : sum + 2 * observed * Math.log(observed / expected)),
    0,
  );
  return { statistic, p: tail(statistic, dof), dof };
}

/**
 * Chi-square of the window against the reference's shares taken as exact. Kept to compare with tools that do so: with a reference no
 * larger than the window it flags a quarter of undrifted columns. A value the reference lacks makes the statistic infinite.
 */
export function goodnessOfFit(reference: readonly number[], current: readonly number[]): CountTest {
  const scale = total(current) / total(reference);
  const statistic = reference.reduce((sum, count, i) => {
    const expected = count * scale;
    return current[i] === expected ? sum : sum + (current[i]! - expected) ** 2 / expected;
  }, 0);
  const dof = reference.length - 1;
  return { statistic, p: statistic === Infinity ? 0 : tail(statistic, dof), dof };
}

/** Pooled two-proportion z-test, two-sided; z is positive where the reference's share is larger. */
export function twoProportions(
  reference: { hits: number; n: number },
  current: { hits: number; n: number },
): { z: number; p: number } {
  const pooled = (reference.hits + current.hits) / (reference.n + current.n);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / reference.n + 1 / current.n));
  const difference = reference.hits / reference.n - current.hits / current.n;
  const z = difference === 0 ? 0 : difference / error;
  return { z, p: Math.min(1, 2 * normalSurvival(Math.abs(z))) };
}

function expectedCells(reference: readonly number[], current: readonly number[]) {
  const [n, m] = [total(reference), total(current)];
  return reference.flatMap((count, i) => {
    const column = count + current[i]!;
    if (column === 0) return [];
    return [
      { observed: count, expected: (column * n) / (n + m) },
      { observed: current[i]!, expected: (column * m) / (n + m) },
    ];
  });
}

function tail(statistic: number, dof: number): number {
  return dof <= 0 ? 1 : chi2Survival(statistic, dof);
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
