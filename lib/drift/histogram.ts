import { populationDeviation } from './empirical.ts';

/**
 * Rows in each bin [edge, next edge), the last bin closed on both sides; values outside are left out (numpy's histogram).
 * @param sorted ascending
 * @param edges ascending, at least two
 */
export function histogram(sorted: ArrayLike<number>, edges: ArrayLike<number>): number[] {
  const counts: number[] = [];
  let at = 0;
  while (at < sorted.length && sorted[at]! < edges[0]!) at++;
  for (let bin = 1; bin < edges.length; bin++) {
    const from = at;
    const last = bin === edges.length - 1;
    while (at < sorted.length && (sorted[at]! < edges[bin]! || (last && sorted[at] === edges[bin]))) at++;
    counts.push(at - from);
  }
  return counts;
}

/** `bins` + 1 edges of equal bins from low to high; a range of no width is widened by half a unit to each side. */
export function equalWidthEdges(low: number, high: number, bins: number): Float64Array {
  const [from, to] = low === high ? [low - 0.5, high + 0.5] : [low, high];
  const step = (to - from) / bins;
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => i * step + from);
  edges[bins] = to;
  return edges;
}

/** Equal-width edges by the rule of Sturges 1926: bins grow with the logarithm of the rows. */
export function sturgesEdges(sorted: ArrayLike<number>): Float64Array {
  return edgesOfWidth(sorted, (range) => range / (Math.log2(sorted.length) + 1));
}

/** Equal-width edges by the rule of Doane 1976: Sturges with more bins the more skewed the sample is. */
export function doaneEdges(sorted: ArrayLike<number>): Float64Array {
  const n = sorted.length;
  const deviation = populationDeviation(sorted);
  const skewError = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
  if (n <= 2 || deviation === 0) return edgesOfWidth(sorted, () => 0);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += sorted[i]!;
  const mean = sum / n;
  let cubes = 0;
  for (let i = 0; i < n; i++) cubes += ((sorted[i]! - mean) / deviation) ** 3;
  const skew = Math.abs(cubes / n);
  return edgesOfWidth(sorted, (range) => range / (1 + Math.log2(n) + Math.log2(1 + skew / skewError)));
}

function edgesOfWidth(sorted: ArrayLike<number>, widthOf: (range: number) => number): Float64Array {
  const [low, high] = [sorted[0] ?? 0, sorted[sorted.length - 1] ?? 1];
  const width = widthOf(high - low);
  return equalWidthEdges(low, high, width > 0 ? Math.ceil((high - low) / width) : 1);
}
