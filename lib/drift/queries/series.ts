import { and, asc, eq, sql } from 'drizzle-orm';
import type { Db } from '../../../db/client.ts';
import { deployments } from '../../../db/schema/approvals.ts';
import { references, windowContributions } from '../../../db/schema/measurements.ts';
import { DAY_MS } from '../../base/time.ts';
import { mergeColumn } from '../../measurements/counts.ts';
import { metric as measure, mergePerformance } from '../../measurements/performance.ts';
import { listExternalMetrics } from '../../measurements/queries.ts';
import {
  type ColumnCounts,
  metricName,
  type PerformanceState,
  type ReferenceProfile,
} from '../../measurements/schema.ts';
import { compareColumn } from '../compare.ts';
import { inContentOrder } from '../merge.ts';

/** One window of a metric; the same shape the evaluator takes. */
export type MetricPoint = {
  at: string;
  value: number | null;
  lo: number | null;
  hi: number | null;
  n: number;
  positives: number | null;
};

const PSI = /^psi:(.+)$/s;

/**
 * The series that a goal is judged on, a point a day, each over the last `days` days up to it: a performance metric,
 * `psi:<column>`, `psi:max`, `rows`, or a figure that was computed elsewhere under that name. A day without data has a
 * point too, with no value.
 */
export async function listMetricSeries(db: Db, modelId: string, metric: string, days: number): Promise<MetricPoint[]> {
  const performance = metricName.safeParse(metric);
  const psi = PSI.exec(metric)?.[1];
  if (!performance.success && psi === undefined && metric !== 'rows') return listExternal(db, modelId, metric);
  const part = performance.success
    ? sql<unknown>`${windowContributions.counts}->'performance'`
    : psi === undefined
      ? sql<unknown>`null`
      : psi === 'max'
        ? sql<unknown>`${windowContributions.counts}->'columns'`
        : sql<unknown>`jsonb_build_object(${psi}::text, ${windowContributions.counts}->'columns'->${psi}::text)`;
  const rows = await db
    .select({
      version: references.version,
      start: windowContributions.start,
      end: windowContributions.end,
      n: windowContributions.n,
      part,
    })
    .from(windowContributions)
    .innerJoin(references, and(eq(references.id, windowContributions.referenceId), references.current))
    .where(eq(windowContributions.modelId, modelId))
    .orderBy(asc(windowContributions.start), asc(windowContributions.batchId));
  const profiles = psi === undefined ? new Map<number, ReferenceProfile>() : await profilesOf(db, modelId);
  const versionAt = await servedVersions(db, modelId);
  return everyDay(rows).map((day): MetricPoint => {
    // Days end at midnight, and one may have 23 or 25 hours: half a day later than so many times 24 hours is none of them.
    const after = new Date(day.end.getTime() - days * DAY_MS + DAY_MS / 2);
    const inWindow = rows.filter((row) => row.end > after && row.end <= day.end);
    const served = versionAt(day.end);
    const version = inWindow.some((row) => row.version === served)
      ? served
      : inWindow.reduce<number | null>((top, row) => Math.max(top ?? 0, row.version), null);
    const mine = inContentOrder(
      inWindow.filter((row) => row.version === version).map((row) => ({ ...row, counts: row.part })),
    );
    const n = mine.reduce((sum, row) => sum + row.n, 0);
    const point = { at: day.end.toISOString(), value: null, lo: null, hi: null, n, positives: null };
    if (mine.length === 0 || version === null) return point;
    if (performance.success) {
      const states = mine.flatMap((row) => (row.part ? [row.part as PerformanceState] : []));
      if (states.length === 0) return { ...point, n: 0 };
      const answer = measure(states.reduce(mergePerformance), performance.data);
      return {
        ...point,
        value: answer.value,
        lo: answer.lo,
        hi: answer.hi,
        n: answer.n,
        positives: answer.positives ?? null,
      };
    }
    if (psi === undefined) return { ...point, value: n };
    const profile = profiles.get(version);
    return {
      ...point,
      value: profile
        ? worstPsi(
            profile,
            mine.map((row) => row.part as Record<string, ColumnCounts | null>),
            psi,
          )
        : null,
    };
  });
}

/** PSI of the column asked for, or the largest of all: only what is beyond its own noise counts as change. */
function worstPsi(
  profile: ReferenceProfile,
  parts: Record<string, ColumnCounts | null>[],
  wanted: string,
): number | null {
  const values = profile.columns
    .filter((column) => wanted === 'max' || column.name === wanted)
    .flatMap((column) => {
      const counts = parts.flatMap((part) => part[column.name] ?? []);
      if (counts.length === 0) return [];
      const result = compareColumn(column, counts.reduce(mergeColumn), profile.columns.length);
      return result.state === 'too_few' ? [] : [result.psi];
    });
  return values.length ? Math.max(...values) : null;
}

type Day = { start: Date; end: Date };

/** Every day from the first to the last with data; a hole in between is a day as well. */
function everyDay(rows: readonly Day[]): Day[] {
  const days: Day[] = [];
  for (const { start, end } of rows) {
    const last = days.at(-1);
    if (last && start.getTime() === last.start.getTime()) continue;
    for (let at = last?.end; at && start.getTime() - at.getTime() >= DAY_MS / 2; at = days.at(-1)!.end) {
      days.push({ start: at, end: new Date(Math.min(at.getTime() + DAY_MS, start.getTime())) });
    }
    days.push({ start, end });
  }
  return days;
}

async function profilesOf(db: Db, modelId: string): Promise<Map<number, ReferenceProfile>> {
  const rows = await db
    .select({ version: references.version, profile: references.profile })
    .from(references)
    .where(and(eq(references.modelId, modelId), references.current));
  return new Map(rows.map((row) => [row.version, row.profile as ReferenceProfile]));
}

/** Which version served in production at an instant, or null. */
async function servedVersions(db: Db, modelId: string): Promise<(at: Date) => number | null> {
  const rows = await db
    .select({ version: deployments.version, from: deployments.servingFrom, to: deployments.servingTo })
    .from(deployments)
    .where(
      and(
        eq(deployments.modelId, modelId),
        eq(deployments.environment, 'production'),
        sql`${deployments.servingFrom} is not null`,
      ),
    );
  return (at) => rows.find((row) => row.from! < at && (row.to === null || row.to >= at))?.version ?? null;
}

async function listExternal(db: Db, modelId: string, metric: string): Promise<MetricPoint[]> {
  const versionAt = await servedVersions(db, modelId);
  // Of one moment there may be a figure for each version: the one that served then is judged, else the newest.
  const byMoment = Map.groupBy(await listExternalMetrics(db, modelId, metric), (row) => row.at.getTime());
  const rows = [...byMoment.values()].map((held) => {
    const served = versionAt(held[0]!.at);
    return held.find((row) => row.version === served) ?? held.reduce((a, b) => (b.version > a.version ? b : a));
  });
  // A figure that does not say how many cases it rests on is taken for one: only a goal that asks for no more may judge it.
  return rows.map((row) => ({
    at: row.at.toISOString(),
    value: Number(row.value),
    lo: null,
    hi: null,
    n: row.n ?? 1,
    positives: null,
  }));
}
