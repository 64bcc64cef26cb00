/**
 * Distances between two samples counted on the same bins. Every function takes counts (or shares: only proportions matter) of the
 * reference and of the window, equally long, and answers NaN where a side is empty.
 */

/**
 * Jensen-Shannon distance: the root of the mean Kullback-Leibler divergence from the mixture (Lin 1991; Endres & Schindelin 2003).
 * @param base of the logarithm: 2 bounds the distance by 1, e by √ln 2
 */
export function jensenShannon(reference: readonly number[], current: readonly number[], base = 2): number {
  const [p, q] = [shares(reference), shares(current)];
  const divergence = p.reduce((sum, pi, i) => {
    const qi = q[i]!;
    const middle = (pi + qi) / 2;
    return sum + entropyTerm(pi, middle) + entropyTerm(qi, middle);
  }, 0);
  // Rounding leaves equal samples a hair below zero.
  return Math.sqrt(Math.max(0, divergence) / 2 / Math.log(base));
}

/** Kullback-Leibler divergence of the reference from the window, in nats; infinite where the window lacks a bin of the reference. */
export function kullbackLeibler(reference: readonly number[], current: readonly number[]): number {
  const [p, q] = [shares(reference), shares(current)];
  return p.reduce((sum, pi, i) => sum + entropyTerm(pi, q[i]!), 0);
}

/** Hellinger distance, 0 to 1: the Euclidean distance of the roots of the shares over √2 (Hellinger 1909). */
export function hellinger(reference: readonly number[], current: readonly number[]): number {
  const [p, q] = [shares(reference), shares(current)];
  return Math.sqrt(p.reduce((sum, pi, i) => sum + (Math.sqrt(pi) - Math.sqrt(q[i]!)) ** 2, 0) / 2);
}

/** L-infinity distance, 0 to 1: the largest change of one bin's share. */
export function lInfinity(reference: readonly number[], current: readonly number[]): number {
  const [p, q] = [shares(reference), shares(current)];
  return p.reduce((largest, pi, i) => Math.max(largest, Math.abs(pi - q[i]!)), 0);
}

function shares(counts: readonly number[]): number[] {
  const n = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / n);
}

function entropyTerm(p: number, q: number): number {
  return p === 0 ? 0 : p * Math.log(p / q);
}
