import type { SegmentView } from '../schema.ts';

/**
 * The segments with the farthest from the common mean first; those that cannot be judged come last and are not ranked.
 * `middle` is the mean of the judged ones by their labels, nought where there is none.
 */
export function byGap(segments: readonly SegmentView[]): { middle: number; segments: SegmentView[] } {
  const judged = segments.flatMap((segment) =>
    segment.value !== null && segment.reason === null ? [{ segment, value: segment.value }] : [],
  );
  const n = judged.reduce((sum, { segment }) => sum + segment.n, 0);
  const middle = n === 0 ? 0 : judged.reduce((sum, { segment, value }) => sum + value * segment.n, 0) / n;
  const ranked = judged
    .sort((a, b) => Math.abs(b.value - middle) - Math.abs(a.value - middle))
    .map(({ segment }) => segment);
  return { middle, segments: [...ranked, ...segments.filter((segment) => !ranked.includes(segment))] };
}
