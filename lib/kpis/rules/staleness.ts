import { addMs, DAY_MS } from '../../base/time.ts';
import type { KpiView, PointState } from '../schema.ts';

/** Daily windows, and a day's grace: when the newest window ended before this, the data is stale. */
export const staleBefore = (now: Date): Date => addMs(now, -2 * DAY_MS);

/** Old figures are never good news: without fresh data a goal that was fine is "no data", and a breach stays a breach. */
export const stateNow = (goal: Pick<KpiView, 'state'>, stale: boolean): PointState =>
  stale && goal.state !== 'breach' ? 'no_data' : goal.state;
