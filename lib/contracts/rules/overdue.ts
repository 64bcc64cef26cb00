import { addMs, HOUR_MS } from '../../base/time.ts';

/** Arrivals that tell the rhythm in which files come. */
export const RHYTHM_ARRIVALS = 8;
/** Fewer have no rhythm yet. */
const LEAST_ARRIVALS = 3;
/** A wait this much longer than the longest of late is no slip of the same rhythm. */
const SLACK = 1.5;

/**
 * The moment from which a silence is news: neither the contract nor the rhythm in which files came explains it. Judged on when files
 * came and not on the times in them, so that who sends a week at once on Mondays is not told every Tuesday. Null where nothing can be
 * said: no freshness in the contract, or too few arrivals.
 * @param arrivals when files came, newest first
 * @param freshnessHours the longest wait between two rows that the contract allows
 */
export function overdueFrom(arrivals: readonly Date[], freshnessHours: number | null): Date | null {
  const [last] = arrivals;
  if (!last || freshnessHours === null || arrivals.length < LEAST_ARRIVALS) return null;
  const gaps = arrivals.slice(1).map((at, i) => arrivals[i]!.getTime() - at.getTime());
  return addMs(last, Math.max(freshnessHours * HOUR_MS, SLACK * Math.max(...gaps)));
}
