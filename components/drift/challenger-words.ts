import { directionOf, type Interval, meanDifference, type Pair, verdictOf } from '../../lib/drift/rules/challenger.ts';
import type { PerformancePoint, PerformanceView } from '../../lib/drift/schema.ts';
import { signed } from '../board/format.ts';
import { type LinePoint, markedAt, withHoles } from '../charts/kernel.ts';

export const VERDICT_WORDS = {
  better: 'better',
  worse: 'worse',
  different: 'different',
  open: 'no difference beyond chance',
} as const;

export type Names = { live: string; candidate: string };

/** What stands in the way of a comparison, and what to do about it. */
export function absence(view: PerformanceView, shared: number, { live, candidate }: Names): string {
  if (view.state === 'no_reference')
    return `${candidate} has no reference yet, so nothing of it is counted. Send the data it learned from.`;
  if (view.state === 'no_data')
    return `${candidate} has no rows in this period. Send it the traffic that ${live} sees (shadow traffic).`;
  if (shared === 0)
    return `${candidate} and ${live} have no windows of the same time: figures of other days are not compared. Send ${candidate} the traffic that ${live} sees (shadow traffic).`;
  return view.state === 'no_labels'
    ? `Outcomes of ${candidate} have not arrived yet, so nobody can say which is right more often.`
    : '';
}

type Hole = { start: string; end: string; hole: true };
const hole = (span: { start: string; end: string }): Hole => ({ ...span, hole: true });

/** Each window where it is marked, days without rows as gaps. */
function lineOf(windows: readonly (PerformancePoint | Hole)[], to: string): LinePoint[] {
  return windows.map((w): LinePoint => {
    const at = markedAt(w, to);
    if ('hole' in w) return { at, value: null };
    return { at, value: w.value, lo: w.lo, hi: w.hi, hollow: w.reason === 'too_few_labels' };
  });
}

/** What the two plots draw; a window in which the second version is worse beyond chance counts as over. */
export function drawn(live: readonly PerformancePoint[], pairs: readonly Pair[], metric: string, to: string) {
  const windows = withHoles(live, hole);
  const shared = withHoles(pairs, hole);
  const differences = shared.map((pair): LinePoint => {
    const at = markedAt(pair, to);
    if ('hole' in pair || !pair.difference) return { at, value: null };
    return { at, ...pair.difference, over: verdictOf(pair.difference, metric) === 'worse' };
  });
  const candidate = withHoles(
    pairs.map((pair) => pair.candidate),
    hole,
  );
  return { windows, line: lineOf(windows, to), shared, candidate: lineOf(candidate, to), differences };
}

/** A difference with its interval, every sign said. */
export const withInterval = ({ value, lo, hi }: Interval): string =>
  `${signed(value)} (${signed(lo)} to ${signed(hi)})`;

/** The mean difference and in how many windows it is beyond chance; nothing where no window can be judged. */
export function sentenceOf(pairs: readonly Pair[], metric: string, { live, candidate }: Names): string {
  const mean = meanDifference(pairs);
  if (!mean) return 'No shared window has enough outcomes of both to tell.';
  const verdicts = pairs.flatMap(({ difference }) => (difference ? [verdictOf(difference, metric)] : []));
  const times = (verdict: (typeof verdicts)[number]) => verdicts.filter((held) => held === verdict).length;
  const each =
    directionOf(metric) === 0
      ? `${times('different')} differ`
      : `${times('better')} better and ${times('worse')} worse`;
  return `${candidate} against ${live} in ${pairs.length} shared windows: ${metric} ${withInterval(mean)} on average, ${VERDICT_WORDS[verdictOf(mean, metric)]}; of the windows by themselves ${each} beyond chance.`;
}
