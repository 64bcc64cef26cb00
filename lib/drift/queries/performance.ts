import type { Db } from '../../../db/client.ts';
import { estimatePerformance } from '../../measurements/cbpe.ts';
import { METRICS_OF_TASK, metric as measure } from '../../measurements/performance.ts';
import { findReference } from '../../measurements/queries.ts';
import type { MetricName, PerformanceState } from '../../measurements/schema.ts';
import { type CalendarUnit, calendar } from '../../measurements/windows.ts';
import { refused } from '../../shell/errors.ts';
import { groupPieces } from '../merge.ts';
import type { PerformancePoint, PerformanceView } from '../schema.ts';
import { openSource, type Range } from './source.ts';

export type PerformanceQuery = Range & {
  version: number | null;
  unit: CalendarUnit;
  timezone: string;
  metric?: string;
  segment?: string | null;
};

const nothing = (state: PerformanceView['state']): PerformanceView => ({
  state,
  metric: null,
  metrics: [],
  points: [],
  coverage: null,
  trackRecord: null,
});

/** Realized and estimated performance: a point a window with its 95 % interval, and how much of the data has labels. */
export async function getPerformance(db: Db, modelId: string, query: PerformanceQuery): Promise<PerformanceView> {
  const found = query.version === null ? undefined : await findReference(db, modelId, query.version);
  if (!found) return nothing('no_reference');
  const { segment = null, unit, timezone } = query;
  const source = await openSource(db, found, { segment, unit, timezone, range: query });
  const { reference } = source;
  const pieces = await source.performance(query);
  if (pieces.length === 0) return nothing('no_data');
  const task = reference.profile.task?.task;
  if (!task) return nothing('no_labels');
  const metrics: readonly MetricName[] = METRICS_OF_TASK[task];
  if (query.metric !== undefined && !metrics.some((name) => name === query.metric)) {
    throw refused('unknown_metric', 'metric', `This model has the metrics ${metrics.join(', ')}.`);
  }
  const name = metrics.find((known) => known === query.metric) ?? metrics[0]!;
  const points = groupPieces(pieces, calendar(query.unit, query.timezone)).map((piece): PerformancePoint => {
    const state = piece.counts.performance;
    const answer = state && measure(state, name);
    const estimated = estimate(reference.profile.performance, state, name);
    return {
      start: piece.start.toISOString(),
      end: piece.end.toISOString(),
      value: answer?.value ?? null,
      lo: answer?.lo ?? null,
      hi: answer?.hi ?? null,
      n: answer?.n ?? 0,
      positives: answer?.positives ?? null,
      rows: piece.n,
      reason: answer ? (answer.reason ?? null) : 'no_labels',
      estimated,
    };
  });
  const rows = points.reduce((sum, point) => sum + point.rows, 0);
  const labelled = points.reduce((sum, point) => sum + point.n, 0);
  return {
    state: labelled === 0 ? 'no_labels' : 'ready',
    metric: name,
    metrics: [...metrics],
    points,
    coverage: rows ? labelled / rows : null,
    trackRecord: trackRecord(points),
  };
}

/** The metric of a window without its labels; null where it cannot be estimated. */
function estimate(
  reference: PerformanceState | null,
  window: PerformanceState | null,
  name: MetricName,
): PerformancePoint['estimated'] {
  if (reference?.task !== 'binary' || window?.task !== 'binary') return null;
  const found = estimatePerformance(reference, window).find((known) => known.metric === name);
  if (!found || found.value === null || found.lo === null || found.hi === null) return null;
  return { value: found.value, lo: found.lo, hi: found.hi, n: found.n };
}

/** Only windows whose labels suffice to say what was realized. */
function trackRecord(points: readonly PerformancePoint[]): PerformanceView['trackRecord'] {
  const errors = points.flatMap(({ value, reason, estimated }) =>
    value !== null && reason === null && estimated ? [Math.abs(estimated.value - value)] : [],
  );
  if (errors.length === 0) return null;
  return { windows: errors.length, meanError: errors.reduce((sum, error) => sum + error, 0) / errors.length };
}
