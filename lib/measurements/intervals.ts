/** 97.5% point of the normal distribution: two-sided 95%. */
export const Z95 = 1.959963984540054;

export type Interval = { lo: number; hi: number };

/**
 * 95% interval of a share. Wilson 1927; keeps its level for small n and at 0 and 1, where p ± 2 se does not.
 * @param hits may be fractional (an AUC times its sample size)
 */
export function wilson(hits: number, n: number, z = Z95): Interval {
  const share = hits / n;
  const z2 = z * z;
  const middle = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (z / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  // The bounds are exactly 0 and 1 there; rounding would leave 1e-17 beside them.
  return { lo: hits === 0 ? 0 : Math.max(0, middle - half), hi: hits === n ? 1 : Math.min(1, middle + half) };
}

/** 95% interval of a difference of two shares, `a - b`. Newcombe 1998, method 10: the two Wilson intervals combined. */
export function newcombe(a: { hits: number; n: number }, b: { hits: number; n: number }, z = Z95): Interval {
  const pa = a.hits / a.n;
  const pb = b.hits / b.n;
  const wa = wilson(a.hits, a.n, z);
  const wb = wilson(b.hits, b.n, z);
  return {
    lo: pa - pb - Math.hypot(pa - wa.lo, wb.hi - pb),
    hi: pa - pb + Math.hypot(wa.hi - pa, pb - wb.lo),
  };
}

/** value ± z standard errors, cut to [floor, ceiling]. */
export function normalInterval(value: number, standardError: number, floor = -Infinity, ceiling = Infinity): Interval {
  const half = Z95 * standardError;
  return { lo: Math.max(floor, value - half), hi: Math.min(ceiling, value + half) };
}
