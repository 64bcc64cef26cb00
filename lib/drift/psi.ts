import { chi2UpperQuantile } from './special.ts';

/**
 * Stored with every result: PSI with half a row added to each bin of both sides, over bins that at least one side fills. Version 1
 * counted bins that neither fills, which moved small windows by the half rows alone. Not comparable with other variants.
 */
export const PSI_METHOD = 'psi_add_half/2';
/** Added to every count, so that an empty bin has a finite term and the null law below holds (drift.md 0.5). */
const SMOOTHING = 0.5;

export type Psi = { psi: number; terms: number[]; n: number; referenceN: number };

/**
 * Population stability index of two samples counted on the same bins, with the term of each bin; psi is their sum.
 * @param reference counts of the reference, in rows
 * @param current counts of the window
 */
export function psi(reference: readonly number[], current: readonly number[]): Psi {
  if (reference.length !== current.length) throw new RangeError('Counts on different bins cannot be compared.');
  const referenceN = total(reference);
  const n = total(current);
  const k = reference.length;
  const terms = reference.map((count, i) => {
    const p = (count + SMOOTHING) / (referenceN + SMOOTHING * k);
    const q = (current[i]! + SMOOTHING) / (n + SMOOTHING * k);
    return (q - p) * Math.log(q / p);
  });
  return { psi: terms.reduce((sum, term) => sum + term, 0), terms, n, referenceN };
}

/** The index over the bins that at least one side fills; the other bins' terms are zero. `used` is how many bins count. */
export function psiOfUsedBins(reference: readonly number[], current: readonly number[]): Psi & { used: number } {
  const used = reference.map((_, i) => i).filter((i) => reference[i]! > 0 || current[i]! > 0);
  const pick = (counts: readonly number[]) => used.map((i) => counts[i]!);
  const found = psi(pick(reference), pick(current));
  const terms = reference.map(() => 0);
  for (const [at, i] of used.entries()) terms[i] = found.terms[at]!;
  return { ...found, terms, used: used.length };
}

/**
 * The PSI that chance alone exceeds in `alpha` of windows, over `columns` columns together (Bonferroni). Without drift PSI is
 * distributed as χ² with bins - 1 degrees of freedom times (1/n + 1/referenceN) (drift.md 0.5). Infinite for an empty side.
 */
export function noiseLimit(bins: number, n: number, referenceN: number, columns: number, alpha: number): number {
  if (n === 0 || referenceN === 0) return Infinity;
  return quantileOf(alpha / Math.max(1, columns), bins - 1) * (1 / n + 1 / referenceN);
}

/** The quantiles asked for before, by tail and degrees of freedom: one for each number of bins and of columns, the same for all windows. */
const quantiles = new Map<number, number[]>();

function quantileOf(tail: number, dof: number): number {
  const known = quantiles.get(tail) ?? [];
  quantiles.set(tail, known);
  known[dof] ??= chi2UpperQuantile(tail, dof);
  return known[dof];
}

/** Total variation distance, 0 to 1: the share of rows that would have to move to another bin. 0 for an empty side. */
export function totalVariation(reference: readonly number[], current: readonly number[]): number {
  const referenceN = total(reference);
  const n = total(current);
  if (n === 0 || referenceN === 0) return 0;
  return reference.reduce((sum, count, i) => sum + Math.abs(count / referenceN - current[i]! / n), 0) / 2;
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
