import { and, asc, type Column, count, eq, max, sql } from 'drizzle-orm';
import { type Db, statement } from '../../db/client.ts';
import { deployments } from '../../db/schema/approvals.ts';
import { incidents } from '../../db/schema/kpis.ts';
import { latestWindows } from '../../db/schema/measurements.ts';
import { models } from '../../db/schema/models.ts';
import { addMs, DAY_MS } from '../base/time.ts';
import { listIncidents } from '../incidents/queries.ts';
import type { IncidentView } from '../incidents/schema.ts';
import { type GoalState, listGoalStates, listGoalStatesOf } from '../kpis/queries.ts';
import { WORST_FIRST } from '../kpis/rules/severity.ts';
import { staleBefore } from '../kpis/rules/staleness.ts';
import { MARKS_PROMPT } from '../models/rules/registry-events.ts';
import { healthOf } from './rules.ts';
import type { CatalogRow } from './schema.ts';
import { sharedRead } from './shared-read.ts';

const SPARK_DAYS = 30;

/** How models stand, for whoever looks, and the incidents that are open. */
export type Standings = { rows: Omit<CatalogRow, 'candidateVersion' | 'needsMe'>[]; incidents: IncidentView[] };

/** How all models stand. */
export const standingsOfAll = sharedRead((db, now) => readStandings(db, now));

/** How the models of some names stand, or all. Prompts of the registry are no models. */
export async function readStandings(db: Db, now: Date, names?: readonly string[]): Promise<Standings> {
  const rows = await db
    .select()
    .from(models)
    .where(
      and(
        names && sql`${models.name} = any(${sql.param(names)}::text[])`,
        sql`not exists (select 1 from model_tags t where t.model_id = ${models.id} and ${sql.raw(MARKS_PROMPT)})`,
      ),
    )
    .orderBy(asc(models.name));
  const ids = names && rows.map(({ id }) => id);
  const isAsked = (modelId: Column) => ids && sql`${modelId} = any(${sql.param(ids)}::uuid[])`;
  const [goals, serving, lastData, open, incidentRows] = await Promise.all([
    ids ? listGoalStatesOf(db, [ids]) : listGoalStates(db, []),
    db
      .select({ modelId: deployments.modelId, version: deployments.version })
      .from(deployments)
      .where(
        and(
          isAsked(deployments.modelId),
          eq(deployments.environment, 'production'),
          sql`${deployments.servingFrom} is not null and ${deployments.servingTo} is null`,
        ),
      ),
    db
      .select({ modelId: latestWindows.modelId, at: max(latestWindows.end) })
      .from(latestWindows)
      .where(isAsked(latestWindows.modelId))
      .groupBy(latestWindows.modelId),
    db
      .select({ modelId: incidents.modelId, n: count() })
      .from(incidents)
      .where(and(isAsked(incidents.modelId), sql`${incidents.state} in ('open', 'acknowledged', 'snoozed')`))
      .groupBy(incidents.modelId),
    listIncidents(db, { open: true }),
  ]);
  const liveOf = new Map(serving.map((row) => [row.modelId, row.version]));
  const dataOf = new Map(lastData.map((row) => [row.modelId, row.at]));
  const openOf = new Map(open.map((row) => [row.modelId, row.n]));
  const goalsOf = Map.groupBy(goals, (goal) => goal.modelId);
  const incidentsOf = Map.groupBy(incidentRows, (incident) => incident.model);
  const shown = new Map([...goalsOf].map(([modelId, mine]) => [modelId, worstOf(mine)]));
  const sparks = await listSparks(db, [...shown.values()], now);
  const standings = rows.map((row) => {
    const data = dataOf.get(row.id) ?? null;
    const stale = data !== null && data < staleBefore(now);
    const goal = shown.get(row.id);
    return {
      name: row.name,
      title: row.title,
      domain: row.domain,
      useCase: row.useCase,
      owners: [...new Set([row.ownerProduct, row.ownerData, row.ownerOps].flatMap((owner) => owner ?? []))],
      tier: row.tier as CatalogRow['tier'],
      liveVersion: liveOf.get(row.id) ?? null,
      latestVersion: row.lastVersion,
      health: healthOf(goalsOf.get(row.id) ?? [], stale),
      since: incidentsOf.get(row.name)?.[0]?.windowStart ?? null,
      updatedAt: row.updatedAt.toISOString(),
      lastDataAt: data?.toISOString() ?? null,
      stale,
      spark: { label: goal?.name ?? '', values: (goal && sparks.get(goal.id)) ?? [] },
      openIncidents: openOf.get(row.id) ?? 0,
      demo: row.demo,
    };
  });
  return { rows: standings, incidents: incidentRows };
}

const sparksOf = statement<{ id: string; values: (number | null)[] }>(`
  select p.kpi_id as id, json_agg(p.value order by p.at) as values
  from unnest($1::uuid[]) asked (id)
    cross join lateral (select * from kpi_points p where p.kpi_id = asked.id and p.at > $2::timestamptz offset 0) p
  group by p.kpi_id`);

/** The last values of goals, for the small charts of the list. */
async function listSparks(db: Db, goals: readonly GoalState[], now: Date): Promise<Map<string, (number | null)[]>> {
  const ids = goals.map(({ id }) => id);
  const rows = await sparksOf(db, [ids, addMs(now, -SPARK_DAYS * DAY_MS).toISOString()]);
  return new Map(rows.map(({ id, values }) => [id, values]));
}

/** The goal that a model is shown by; there is one. */
const worstOf = (goals: readonly GoalState[]): GoalState =>
  goals.reduce((worst, goal) => (WORST_FIRST.indexOf(goal.state) < WORST_FIRST.indexOf(worst.state) ? goal : worst));
