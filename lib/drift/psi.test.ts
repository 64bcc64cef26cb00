import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fineBin, numericBins, scoringCounts } from '../measurements/bins.ts';
import { noiseLimit, psi, psiOfUsedBins, totalVariation } from './psi.ts';

/** Numeric truth from scipy, kept beside the checkout and not in it. */
const CASES = join(import.meta.dirname, '../../../shared/golden/cases');
const names = existsSync(CASES) ? readdirSync(CASES).filter((file) => file.endsWith('.json')) : [];

type Case = {
  name: string;
  reference?: (number | string | boolean | null)[];
  current?: (number | string | boolean | null)[];
  expected: {
    clean: { ref_counts?: number[]; cur_counts?: number[] };
    scipy: { psi_add_half?: number; tvd?: number };
    psi_variants?: {
      quantile10: { inner_edges: number[]; ref_counts: number[]; cur_counts: number[]; psi_add_half: number };
    };
  };
};

function load(file: string): { golden: Case; reference: number[]; current: number[] } {
  const golden = JSON.parse(readFileSync(join(CASES, file), 'utf8')) as Case;
  const finite = (values: readonly unknown[]) =>
    values.flatMap((value) => (typeof value === 'number' ? [value] : [])).sort((a, b) => a - b);
  const csv = join(CASES, file.replace('.json', '.csv'));
  if (!existsSync(csv))
    return { golden, reference: finite(golden.reference ?? []), current: finite(golden.current ?? []) };
  const lines = readFileSync(csv, 'utf8').trim().split('\n').slice(1);
  const period = (name: string) =>
    finite(
      lines.flatMap((line) => {
        const [which, value] = line.trim().split(',');
        return which === name && value !== '' && Number.isFinite(Number(value)) ? [Number(value)] : [];
      }),
    );
  return { golden, reference: period('reference'), current: period('current') };
}

describe.skipIf(names.length === 0)('against the golden vectors', () => {
  it.each(names)('%s has the edges, counts and PSI of the reference implementation', (file) => {
    const { golden, reference, current } = load(file);
    const numeric = golden.expected.psi_variants?.quantile10;
    if (!numeric) {
      const { ref_counts: before = [], cur_counts: now = [] } = golden.expected.clean;
      expect(psi(before, now).psi).toBeCloseTo(golden.expected.scipy.psi_add_half!, 10);
      expect(totalVariation(before, now)).toBeCloseTo(golden.expected.scipy.tvd!, 10);
      return;
    }
    const bins = numericBins(reference);
    const count = (values: number[]) => {
      const fine = new Array<number>(bins.edges.length + 1).fill(0);
      for (const value of values) fine[fineBin(bins.edges, value)]!++;
      return scoringCounts(bins, fine);
    };
    const edges = bins.scoring.slice(1).map((from) => bins.edges[from - 1]!);
    expect(edges).toHaveLength(numeric.inner_edges.length);
    edges.forEach((edge, i) => {
      expect(Math.abs(edge - numeric.inner_edges[i]!)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(edge)));
    });
    expect(count(reference)).toEqual(numeric.ref_counts);
    expect(count(current)).toEqual(numeric.cur_counts);
    expect(psi(numeric.ref_counts, numeric.cur_counts).psi).toBeCloseTo(numeric.psi_add_half, 10);
  });
});

describe('the noise limit', () => {
  it('is 29.7 times the summed inverse sizes for ten bins and twenty columns', () => {
    expect(noiseLimit(10, 1000, 1000, 20, 0.01)).toBeCloseTo(29.67 / 500, 4);
  });

  it('is infinite for a window without rows', () => {
    expect(noiseLimit(10, 0, 1000, 20, 0.01)).toBe(Infinity);
  });

  it('is zero where a single bin leaves nothing to differ', () => {
    expect(noiseLimit(1, 10, 10, 1, 0.01)).toBe(0);
  });
});

it('bins that neither side fills move nothing, however small the window', () => {
  expect(psiOfUsedBins([5000, 0, 0, 0], [16, 0, 0, 0])).toMatchObject({ psi: 0, used: 1, terms: [0, 0, 0, 0] });
  const [padded, plain] = [psiOfUsedBins([300, 0, 500], [20, 0, 12]), psi([300, 500], [20, 12])];
  expect(padded.psi).toBe(plain.psi);
  expect(padded.terms).toEqual([plain.terms[0], 0, plain.terms[1]]);
});

it('refuses counts on different bins', () => {
  expect(() => psi([1, 2], [1, 2, 3])).toThrow(RangeError);
});
