import fc from 'fast-check';
import { expect, it } from 'vitest';
import { binCount, binFinder, categoricalBins, fineBin, numericBins, scoringCounts } from './bins.ts';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

it('the grid finds the bin that the search finds', () => {
  fc.assert(
    fc.property(fc.array(finite, { minLength: 8, maxLength: 60 }), fc.array(finite), (values, probes) => {
      const edges = Float64Array.from(new Set(values)).sort();
      const find = binFinder(edges);
      for (const probe of [...probes, ...edges]) expect(find(probe)).toBe(fineBin(edges, probe));
    }),
  );
});

it('a continuous column gets 1,020 fine bins and ten scoring bins that are unions of them', () => {
  const sorted = Float64Array.from({ length: 20_000 }, (_, i) => Math.sqrt(i));
  const bins = numericBins(sorted);
  expect(binCount(bins)).toBe(1_020);
  expect(bins.scoring).toEqual([0, 102, 204, 306, 408, 510, 612, 714, 816, 918]);
});

it('every one of few distinct values has a bin of its own', () => {
  const bins = numericBins(Float64Array.from({ length: 5_000 }, (_, i) => i % 500).sort());
  const seen = new Set(Array.from({ length: 500 }, (_, value) => fineBin(bins.edges, value)));
  expect(seen.size).toBe(500);
});

it('a constant column keeps a bin above it, where a change will show', () => {
  expect(numericBins(new Float64Array(200).fill(5))).toEqual({ kind: 'numeric', edges: [5], scoring: [0, 1] });
});

it('a column without values has one bin', () => {
  const bins = numericBins(new Float64Array(0));
  expect(scoringCounts(bins, [3])).toEqual([3]);
});

it('categories below one percent, and those beyond thirty, share a bin but stay known', () => {
  const counts = new Map([...Array.from({ length: 40 }, (_, i): [string, number] => [`common${i}`, 100]), ['rare', 3]]);
  const bins = categoricalBins(counts);
  expect(bins.categories).toHaveLength(30);
  expect(bins.rare).toContain('rare');
  expect(bins.rareComplete).toBe(true);
});
