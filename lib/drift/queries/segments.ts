import type { Db } from '../../../db/client.ts';
import { getWorkspace } from '../../access/queries.ts';
import { ownValue } from '../../base/own-value.ts';
import { METRICS_OF_TASK, metric as measure } from '../../measurements/performance.ts';
import { findReference, listBatchesWithin, type Reference } from '../../measurements/queries.ts';
import type { MetricName, SegmentCounts } from '../../measurements/schema.ts';
import { calendar } from '../../measurements/windows.ts';
import { notFound, refused } from '../../shell/errors.ts';
import { compareWindow } from '../compare.ts';
import { segmentName, worstState } from '../rules.ts';
import type { SegmentsView, SegmentView } from '../schema.ts';
import { keptRows, type Range, segmentsIn } from './source.ts';
import { takeTurn } from './turns.ts';

export type SegmentsQuery = Range & { version: number | null; by: string; metric?: string };

/**
 * The metric and the drift of each segment of a column over a range, whole days. Reads the rows, since segments of every column times
 * every window would be too much to keep; a segment is held against the same segment of the reference.
 */
export async function listSegments(db: Db, modelId: string, query: SegmentsQuery): Promise<SegmentsView> {
  const nothing = (state: SegmentsView['state']): SegmentsView => ({
    state,
    by: query.by,
    metric: null,
    metrics: [],
    segments: [],
  });
  const reference = query.version === null ? undefined : await findReference(db, modelId, query.version);
  if (!reference) return nothing('no_reference');
  if (!reference.profile.columns.some((column) => column.name === query.by)) throw notFound('feature', query.by);
  const task = reference.profile.task?.task;
  const metrics: readonly MetricName[] = task ? METRICS_OF_TASK[task] : [];
  if (query.metric !== undefined && !metrics.some((name) => name === query.metric))
    throw refused('unknown_metric', 'metric', `This model has the metrics ${metrics.join(', ')}.`);
  const name = metrics.find((known) => known === query.metric) ?? metrics[0];
  const { timezone } = await getWorkspace(db);
  const days = calendar('day', timezone);
  // The counts that windows were judged on are of whole days; so are these.
  const range = { ...query, from: new Date(days.at(query.from.getTime()).start) };
  const batchIds = await listBatchesWithin(db, reference, range);
  if (batchIds.length === 0) return nothing('no_data');
  const counted = await takeTurn(() => countBoth(db, reference, query.by, range, batchIds), query.leaves);
  const segments = counted.now.map((now) => viewOf(reference, query.by, now, counted.before, counted.now.length, name));
  const labelled = segments.some((segment) => segment.n > 0);
  return {
    state: labelled ? 'ready' : 'no_labels',
    by: query.by,
    metric: name ?? null,
    metrics: [...metrics],
    segments,
  };
}

function viewOf(
  reference: Reference,
  by: string,
  now: SegmentCounts,
  before: readonly SegmentCounts[],
  segments: number,
  metric: MetricName | undefined,
): SegmentView {
  const name = segmentName(now.segment);
  const same = before.find((held) => keyOf(held) === keyOf(now));
  const answer = now.performance && metric ? measure(now.performance, metric) : null;
  // The column itself is the same throughout a segment.
  const others = reference.profile.columns.filter((column) => column.name !== by);
  const columns = others.flatMap((column) => {
    const counts = same && ownValue(same.columns, column.name);
    return counts ? [{ ...column, counts }] : [];
  });
  // Every segment is one more look at every column.
  const results = compareWindow({ ...reference.profile, columns }, now.columns, undefined, columns.length * segments);
  const drifted = results
    .filter(({ state }) => state === 'changed' || state === 'changed_a_lot')
    .sort((a, b) => b.psi - a.psi)
    .map(({ column, psi, state }) => ({ column, psi, state }));
  return {
    segment: now.segment,
    name,
    rows: now.n,
    referenceRows: same?.n ?? 0,
    value: answer?.value ?? null,
    lo: answer?.lo ?? null,
    hi: answer?.hi ?? null,
    n: answer?.n ?? 0,
    reason: answer ? (answer.reason ?? null) : 'no_labels',
    drift: worstState(results.map(({ state }) => state)),
    drifted,
  };
}

async function countBoth(db: Db, reference: Reference, by: string, range: Range, batchIds: readonly string[]) {
  const { own } = await keptRows(db, reference, batchIds, 'by');
  const before = await segmentsIn([own], { profile: reference.profile, by }, 'by', range.leaves);
  return { before, now: await countSegmentsNow(db, reference, by, range, batchIds) };
}

/** The observed rows of a range by the segments of a column, over all the files that hold some. Reads rows, so it takes a turn. */
export async function countSegmentsNow(
  db: Db,
  reference: Reference,
  by: string,
  range: Range,
  batchIds: readonly string[],
): Promise<SegmentCounts[]> {
  const { files, labels } = await keptRows(db, reference, batchIds, 'by');
  const within = { from: range.from.toISOString(), to: range.to.toISOString() };
  return segmentsIn(files, { profile: reference.profile, by, range: within, ...labels }, 'by', range.leaves);
}

/** Two values may read alike; their segments do not. */
function keyOf({ segment }: SegmentCounts): string {
  return JSON.stringify(segment);
}
