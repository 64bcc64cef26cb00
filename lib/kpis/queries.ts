import { and, asc, desc, eq, gte, inArray, isNull, sql } from 'drizzle-orm';
import { type Db, statement } from '../../db/client.ts';
import { kpiPointRevisions, kpiPoints, kpis, kpiVersions } from '../../db/schema/kpis.ts';
import { models } from '../../db/schema/models.ts';
import { lockModelById } from '../models/queries.ts';
import { notFound } from '../shell/errors.ts';
import type { ChangeDirection, Contract, EvaluatedPoint, KpiVersionView, KpiView, PointState } from './schema.ts';

export type KpiRow = typeof kpis.$inferSelect;

/** The model's lock first: a deployment is judged on goals that stay as they are until it is written. */
export async function lockKpi(tx: Db, id: string) {
  const [found] = await tx.select({ modelId: kpis.modelId }).from(kpis).where(eq(kpis.id, id));
  const model = found && (await lockModelById(tx, found.modelId));
  const [kpi] = await tx
    .select()
    .from(kpis)
    .where(and(eq(kpis.id, id), isNull(kpis.deletedAt)))
    .for('update');
  if (!model || !kpi) throw notFound('kpi', id);
  return { kpi, model };
}

export async function getContract(db: Db, id: string, version: number): Promise<Contract> {
  const [row] = await db
    .select()
    .from(kpiVersions)
    .where(and(eq(kpiVersions.kpiId, id), eq(kpiVersions.version, version)));
  if (!row) throw notFound('kpi version', `${id}/${version}`);
  return row.contract as Contract;
}

export type GoalState = Pick<KpiView, 'id' | 'state'> & { modelId: string; name: string };

const goalStates = (kpis: string) =>
  statement<GoalState>(`
    select k.id, k.name, k.model_id as "modelId", coalesce(
      (select p.state from kpi_points p where p.kpi_id = k.id order by p.at desc limit 1), 'no_data') as state
    from ${kpis} where k.deleted_at is null order by k.created_at, k.name`);

/** How all goals stand, in the order they were made: of each the last point alone is read. */
export const listGoalStates = goalStates('kpis k');

/** How the goals of some models stand. */
export const listGoalStatesOf = goalStates('unnest($1::uuid[]) asked (id) join kpis k on k.model_id = asked.id');

/** The goals of some models with their present state. */
export async function listKpis(db: Db, modelIds: string[]): Promise<(KpiView & { modelId: string })[]> {
  const latest = db
    .select()
    .from(kpiPoints)
    .where(eq(kpiPoints.kpiId, kpis.id))
    .orderBy(desc(kpiPoints.at))
    .limit(1)
    .as('latest');
  const { at, value, lo, hi, n, positives, state } = latest;
  const rows = await db
    .select({ kpi: kpis, version: kpiVersions, model: models.name, point: { at, value, lo, hi, n, positives, state } })
    .from(kpis)
    .innerJoin(models, eq(models.id, kpis.modelId))
    .innerJoin(kpiVersions, and(eq(kpiVersions.kpiId, kpis.id), eq(kpiVersions.version, kpis.version)))
    .leftJoinLateral(latest, sql`true`)
    .where(and(inArray(kpis.modelId, modelIds), isNull(kpis.deletedAt)))
    .orderBy(asc(kpis.createdAt), asc(kpis.name));
  return rows.map(({ kpi, version, model, point }) => {
    return {
      id: kpi.id,
      modelId: kpi.modelId,
      model,
      version: kpi.version,
      contract: version.contract as Contract,
      state: (point?.state as PointState | undefined) ?? 'no_data',
      value: point?.value ?? null,
      lo: point?.lo ?? null,
      hi: point?.hi ?? null,
      n: point?.n ?? 0,
      positives: point?.positives ?? null,
      at: point?.at.toISOString() ?? null,
      reason: version.reason,
      changedBy: version.createdByName,
      changedAt: version.createdAt.toISOString(),
      etag: kpi.version,
    };
  });
}

export async function getKpi(db: Db, id: string): Promise<KpiView & { modelId: string }> {
  const [row] = await db
    .select()
    .from(kpis)
    .where(and(eq(kpis.id, id), isNull(kpis.deletedAt)));
  const view = row && (await listKpis(db, [row.modelId])).find((kpi) => kpi.id === id);
  if (!view) throw notFound('kpi', id);
  return view;
}

export async function listKpiVersions(db: Db, id: string): Promise<KpiVersionView[]> {
  const rows = await db.select().from(kpiVersions).where(eq(kpiVersions.kpiId, id)).orderBy(desc(kpiVersions.version));
  return rows.map((row) => ({
    version: row.version,
    contract: row.contract as Contract,
    direction: row.direction as ChangeDirection,
    reason: row.reason,
    createdBy: row.createdByName,
    createdAt: row.createdAt.toISOString(),
  }));
}

/**
 * The evaluated series, each point with the limits that were in force when it was judged.
 * @param asOf as it was known then: outcomes that came or were corrected later are left out
 */
export async function listKpiPoints(
  db: Db,
  id: string,
  from?: Date,
  asOf?: Date,
): Promise<(EvaluatedPoint & { kpiVersion: number; watch: number | null; breach: number })[]> {
  const [rows, versions] = await Promise.all([
    asOf ? pointsKnownAt(db, id, asOf, from) : pointsOf(db, kpiPoints, id, from).orderBy(asc(kpiPoints.at)),
    db
      .select({ version: kpiVersions.version, contract: kpiVersions.contract })
      .from(kpiVersions)
      .where(eq(kpiVersions.kpiId, id)),
  ]);
  const limitsOf = new Map(versions.map(({ version, contract }) => [version, (contract as Contract).limits]));
  return rows.flatMap((point) => {
    const limits = limitsOf.get(point.kpiVersion);
    if (!limits) return [];
    return {
      at: point.at.toISOString(),
      value: point.value,
      lo: point.lo,
      hi: point.hi,
      n: point.n,
      positives: point.positives,
      state: point.state as PointState,
      kpiVersion: point.kpiVersion,
      watch: limits.watch ?? null,
      breach: limits.breach,
    };
  });
}

type Points = typeof kpiPoints | typeof kpiPointRevisions;

const pointsOf = (db: Db, table: Points, id: string, from?: Date) =>
  db
    .select()
    .from(table)
    .where(and(eq(table.kpiId, id), from ? gte(table.at, from) : undefined));

/** Of each point what was evaluated last by then, be it what still holds or what was known better later. */
async function pointsKnownAt(db: Db, id: string, asOf: Date, from?: Date) {
  const [held, former] = await Promise.all([
    pointsOf(db, kpiPoints, id, from),
    pointsOf(db, kpiPointRevisions, id, from),
  ]);
  const known = new Map<number, (typeof held)[number]>();
  for (const point of [...held, ...former]) {
    const rival = known.get(point.at.getTime());
    if (point.evaluatedAt <= asOf && (!rival || rival.evaluatedAt < point.evaluatedAt))
      known.set(point.at.getTime(), point);
  }
  return [...known.values()].sort((a, b) => a.at.getTime() - b.at.getTime());
}
