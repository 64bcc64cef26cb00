/** How p-values of many tests are adjusted: the first two bound the chance of any false sign, the others the share of false ones. */
export type Adjustment = 'bonferroni' | 'holm' | 'benjamini-hochberg' | 'benjamini-yekutieli';

/**
 * Adjusted p-values, in the order given: a test is significant at level α where its adjusted value is at most α. Bonferroni 1936;
 * Holm 1979 (step down); Benjamini & Hochberg 1995 (step up); Benjamini & Yekutieli 2001 (step up, any dependence).
 */
export function adjustP(p: readonly number[], adjustment: Adjustment): number[] {
  const m = p.length;
  if (adjustment === 'bonferroni') return p.map((value) => Math.min(1, value * m));
  const order = p.map((_, i) => i).sort((a, b) => p[a]! - p[b]!);
  const adjusted = new Array<number>(m).fill(1);
  if (adjustment === 'holm') {
    let largest = 0;
    for (const [rank, i] of order.entries()) {
      largest = Math.max(largest, Math.min(1, p[i]! * (m - rank)));
      adjusted[i] = largest;
    }
    return adjusted;
  }
  const harmonic = order.reduce((sum, _, rank) => sum + 1 / (rank + 1), 0);
  const factor = adjustment === 'benjamini-yekutieli' ? harmonic : 1;
  let smallest = 1;
  for (let rank = m - 1; rank >= 0; rank--) {
    const i = order[rank]!;
    smallest = Math.min(smallest, (p[i]! * m * factor) / (rank + 1));
    adjusted[i] = smallest;
  }
  return adjusted;
}
