import { and, asc, count, eq, max, sql } from 'drizzle-orm';
import { type Db, statement } from '../../db/client.ts';
import { deployments } from '../../db/schema/approvals.ts';
import { incidents } from '../../db/schema/kpis.ts';
import { latestWindows } from '../../db/schema/measurements.ts';
import { models } from '../../db/schema/models.ts';
import type { Actor } from '../access/schema.ts';
import { listWaiting } from '../approvals/queries/request.ts';
import type { RequestView } from '../approvals/schema.ts';
import { addMs, DAY_MS } from '../base/time.ts';
import { listIncidents } from '../incidents/queries.ts';
import { type GoalState, listGoalStates } from '../kpis/queries.ts';
import { staleBefore } from '../kpis/rules/staleness.ts';
import type { ModelRow } from '../models/queries.ts';
import { MARKS_PROMPT } from '../models/rules/registry-events.ts';
import { healthOf, inboxOf } from './rules.ts';
import type { CatalogRow, InboxItem } from './schema.ts';

const SPARK_DAYS = 30;
const OPEN_REQUESTS = ['in_review', 'changes_requested', 'approved', 'deploying'] as const;

/** Every model, or those with some names, with the state it is in now, and what of it waits for this person. Prompts of the registry are no models. */
export async function listCatalog(
  db: Db,
  actor: Actor,
  now: Date,
  names?: readonly string[],
): Promise<{ rows: ModelRow[]; catalog: CatalogRow[]; inbox: InboxItem[] }> {
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
  const [goals, serving, lastData, open, requestRows, incidentRows] = await Promise.all([
    listGoalStates(db, []),
    db
      .select({ modelId: deployments.modelId, version: deployments.version })
      .from(deployments)
      .where(
        and(
          eq(deployments.environment, 'production'),
          sql`${deployments.servingFrom} is not null and ${deployments.servingTo} is null`,
        ),
      ),
    db
      .select({ modelId: latestWindows.modelId, at: max(latestWindows.end) })
      .from(latestWindows)
      .groupBy(latestWindows.modelId),
    db
      .select({ modelId: incidents.modelId, n: count() })
      .from(incidents)
      .where(sql`${incidents.state} in ('open', 'acknowledged', 'snoozed')`)
      .groupBy(incidents.modelId),
    listWaiting(db, OPEN_REQUESTS, actor, now),
    listIncidents(db, { open: true }),
  ]);
  const liveOf = new Map(serving.map((row) => [row.modelId, row.version]));
  const dataOf = new Map(lastData.map((row) => [row.modelId, row.at]));
  const openOf = new Map(open.map((row) => [row.modelId, row.n]));
  const inbox = inboxOf(actor, requestRows, incidentRows);
  const goalsOf = Map.groupBy(goals, (goal) => goal.modelId);
  const requestsOf = Map.groupBy(requestRows, (request) => request.model);
  const incidentsOf = Map.groupBy(incidentRows, (incident) => incident.model);
  const inboxFor = Map.groupBy(inbox, (item) => item.model);
  const shown = new Map([...goalsOf].map(([modelId, mine]) => [modelId, worstOf(mine)]));
  const sparks = await listSparks(db, [...shown.values()], now);
  const catalog = rows.map((row): CatalogRow => {
    const mine = goalsOf.get(row.id) ?? [];
    const data = dataOf.get(row.id) ?? null;
    const stale = data !== null && data < staleBefore(now);
    const goal = shown.get(row.id);
    const spark = { label: goal?.name ?? '', values: (goal && sparks.get(goal.id)) ?? [] };
    const candidate = requestsOf.get(row.name)?.[0]?.version ?? null;
    return {
      name: row.name,
      title: row.title,
      domain: row.domain,
      useCase: row.useCase,
      owners: [...new Set([row.ownerProduct, row.ownerData, row.ownerOps].flatMap((owner) => owner ?? []))],
      tier: row.tier as CatalogRow['tier'],
      liveVersion: liveOf.get(row.id) ?? null,
      candidateVersion: candidate,
      latestVersion: row.lastVersion,
      health: healthOf(mine, stale),
      since: incidentsOf.get(row.name)?.[0]?.windowStart ?? null,
      updatedAt: row.updatedAt.toISOString(),
      lastDataAt: data?.toISOString() ?? null,
      stale,
      spark,
      openIncidents: openOf.get(row.id) ?? 0,
      needsMe: inboxFor.get(row.name)?.length ?? 0,
      demo: row.demo,
    };
  });
  return { rows, catalog, inbox };
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

const SEVERITY = ['breach', 'pending', 'watch', 'no_data', 'ok'] as const;

/** The goal that a model is shown by; there is one. */
const worstOf = (goals: readonly GoalState[]): GoalState =>
  goals.reduce((worst, goal) => (SEVERITY.indexOf(goal.state) < SEVERITY.indexOf(worst.state) ? goal : worst));

/** What waits for this person: signatures, deployments, their own requests sent back, open incidents of theirs. */
export async function listInbox(db: Db, actor: Actor, now: Date) {
  const open: RequestView[] = await listWaiting(db, OPEN_REQUESTS, actor, now);
  return inboxOf(actor, open, await listIncidents(db, { open: true }));
}
