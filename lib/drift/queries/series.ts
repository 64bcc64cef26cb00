import { and, asc, eq, sql } from 'drizzle-orm';
import type { Db } from '../../../db/client.ts';
import { deployments } from '../../../db/schema/approvals.ts';
import { references, windowPieces } from '../../../db/schema/measurements.ts';
import { listExternalMetrics } from '../../measurements/queries.ts';
import { metricName, type ReferenceProfile } from '../../measurements/schema.ts';
import { daySeries, performanceFigure, psiFigure, rowsFigure } from '../day-series.ts';
import type { MetricPoint } from '../schema.ts';

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
    ? sql<unknown>`${windowPieces.counts}->'performance'`
    : psi === undefined
      ? sql<unknown>`null`
      : psi === 'max'
        ? sql<unknown>`${windowPieces.counts}->'columns'`
        : sql<unknown>`jsonb_build_object(${psi}::text, ${windowPieces.counts}->'columns'->${psi}::text)`;
  const rows = await db
    .select({
      version: references.version,
      start: windowPieces.start,
      end: windowPieces.end,
      n: windowPieces.n,
      part,
    })
    .from(windowPieces)
    .innerJoin(references, and(eq(references.id, windowPieces.referenceId), references.current))
    .where(eq(windowPieces.modelId, modelId))
    .orderBy(asc(windowPieces.start), asc(windowPieces.batchId));
  const servedAt = await servedVersions(db, modelId);
  if (performance.success) return daySeries(rows, days, servedAt, performanceFigure(performance.data));
  if (psi === undefined) return daySeries(rows, days, servedAt, rowsFigure);
  return daySeries(rows, days, servedAt, psiFigure(await profilesOf(db, modelId), psi));
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
