import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Z95 } from './intervals.ts';
import { koopman } from './ratio.ts';

describe('the interval of a ratio of shares', () => {
  // statsmodels 0.15.0: confint_proportions_2indep(x1, n1, x0, n0, compare='ratio', method='score', correction=False)
  it.each([
    [30, 100, 50, 100, 0.41684475062560367, 0.8515321143885233],
    [48, 80, 72, 96, 0.6380668291995953, 0.9827979873356736],
    [60, 60, 45, 60, 1.1873173965737835, 1.5931702721875594],
    [5, 50, 200, 1000, 0.2156250151622435, 1.079709308713726],
    [700, 1000, 720, 1000, 0.9190414061141591, 1.0282907335289488],
  ])('of %i of %i over %i of %i is the one statsmodels computes', (x1, n1, x0, n0, lo, hi) => {
    const found = koopman({ hits: x1, n: n1 }, { hits: x0, n: n0 })!;
    expect(found.lo).toBeCloseTo(lo, 8);
    expect(found.hi).toBeCloseTo(hi, 8);
  });

  it('begins at zero where nobody was chosen, and has no end where nobody was in the other group', () => {
    const none = koopman({ hits: 0, n: 60 }, { hits: 30, n: 60 })!;
    expect(none.lo).toBe(0);
    // statsmodels, as above
    expect(none.hi).toBeCloseTo(0.1208072171751076, 8);
    expect(koopman({ hits: 30, n: 60 }, { hits: 0, n: 60 })!.hi).toBeNull();
    expect(koopman({ hits: 0, n: 60 }, { hits: 0, n: 60 })).toBeUndefined();
    expect(koopman({ hits: 0, n: 0 }, { hits: 1, n: 60 })).toBeUndefined();
  });

  it('comes close to the interval of log ratios where both sides have many hits', () => {
    const [a, b] = [
      { hits: 30_000, n: 100_000 },
      { hits: 50_000, n: 100_000 },
    ];
    const half = Z95 * Math.sqrt(1 / a.hits - 1 / a.n + 1 / b.hits - 1 / b.n);
    const found = koopman(a, b)!;
    expect(found.lo).toBeCloseTo(0.6 * Math.exp(-half), 4);
    expect(found.hi).toBeCloseTo(0.6 * Math.exp(half), 4);
  });

  const share = fc
    .integer({ min: 1, max: 5000 })
    .chain((n) => fc.integer({ min: 1, max: n }).map((hits) => ({ hits, n })));

  it('holds the ratio, and turns over with it', () => {
    fc.assert(
      fc.property(share, share, (a, b) => {
        const [ratio, found, turned] = [a.hits / a.n / (b.hits / b.n), koopman(a, b)!, koopman(b, a)!];
        expect(found.lo).toBeLessThanOrEqual(ratio * (1 + 1e-9));
        expect(found.hi!).toBeGreaterThanOrEqual(ratio * (1 - 1e-9));
        expect(Math.abs(turned.lo * found.hi! - 1)).toBeLessThan(1e-6);
      }),
      { numRuns: 300, seed: 4 },
    );
  });
});
