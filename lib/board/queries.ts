import { and, asc, count, eq, max, sql } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { deployments } from '../../db/schema/approvals.ts';
import { outbox } from '../../db/schema/audit.ts';
import { incidents, kpiPoints } from '../../db/schema/kpis.ts';
import { windows } from '../../db/schema/measurements.ts';
import { models } from '../../db/schema/models.ts';
import { getWorkspace } from '../access/queries.ts';
import type { Actor } from '../access/schema.ts';
import { listRequests } from '../approvals/queries/request.ts';
import type { RequestView } from '../approvals/schema.ts';
import { DAY_MS } from '../base/time.ts';
import { listIncidents } from '../incidents/queries.ts';
import { listKpis } from '../kpis/queries.ts';
import type { KpiView } from '../kpis/schema.ts';
import { can } from './able.ts';
import { getModelPanel, type PanelQuery } from './panel.ts';
import { healthOf, inboxOf, staleBefore } from './rules.ts';
import { BOARD_WINDOWS, type BoardView, type BoardWindow, type CatalogRow } from './schema.ts';

export type BoardQuery = { m?: string; v?: number; w?: string; f?: string; metric?: string };

const SPARK_DAYS = 30;

/** What the one screen needs, in one read. */
export async function getBoard(db: Db, actor: Actor, query: BoardQuery, now: Date): Promise<BoardView> {
  const [position] = await db.select({ at: max(outbox.position) }).from(outbox);
  const workspace = await getWorkspace(db);
  const rows = await db
    .select()
    .from(models)
    .where(
      sql`not exists (select 1 from model_tags t where t.model_id = ${models.id} and t.key = 'mlflow.prompt.is_prompt' and t.value = 'true')`,
    )
    .orderBy(asc(models.name));
  const ids = rows.map((row) => row.id);
  const [goals, serving, lastData, open, requestRows, incidentRows, sparks] = await Promise.all([
    listKpis(db, ids),
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
      .select({ modelId: windows.modelId, at: max(windows.end) })
      .from(windows)
      .groupBy(windows.modelId),
    db
      .select({ modelId: incidents.modelId, n: count() })
      .from(incidents)
      .where(sql`${incidents.state} in ('open', 'acknowledged', 'snoozed')`)
      .groupBy(incidents.modelId),
    listRequests(db, { states: ['in_review', 'changes_requested', 'approved', 'deploying'] }, actor, now),
    listIncidents(db, { open: true }),
    listSparks(db, ids, now),
  ]);
  const liveOf = new Map(serving.map((row) => [row.modelId, row.version]));
  const dataOf = new Map(lastData.map((row) => [row.modelId, row.at]));
  const openOf = new Map(open.map((row) => [row.modelId, row.n]));
  const inbox = inboxOf(actor, requestRows, incidentRows);
  const catalog = rows.map((row): CatalogRow => {
    const mine = goals.filter((goal) => goal.modelId === row.id);
    const data = dataOf.get(row.id) ?? null;
    const stale = data !== null && data < staleBefore(now);
    const spark = sparkOf(mine, sparks);
    const candidate = requestRows.find((request) => request.model === row.name)?.version ?? null;
    return {
      name: row.name,
      title: row.title,
      domain: row.domain,
      tier: row.tier as CatalogRow['tier'],
      liveVersion: liveOf.get(row.id) ?? null,
      candidateVersion: candidate,
      latestVersion: row.lastVersion,
      health: healthOf(mine, stale),
      since: incidentRows.find((incident) => incident.model === row.name)?.windowStart ?? null,
      lastDataAt: data?.toISOString() ?? null,
      stale,
      spark,
      openIncidents: openOf.get(row.id) ?? 0,
      needsMe: inbox.filter((item) => item.model === row.name).length,
      demo: row.demo,
    };
  });
  const selected = rows.find((row) => row.name === query.m) ?? rows.find((row) => row.name === firstToShow(catalog));
  const panel: PanelQuery = { version: query.v, days: daysOf(query.w), feature: query.f, metric: query.metric };
  return {
    me: { id: actor.id, name: actor.name, email: actor.email, roles: actor.roles },
    workspace: {
      name: workspace.name,
      timezone: workspace.timezone,
      currency: workspace.currency,
      demo: workspace.demoLoadedAt !== null,
    },
    now: now.toISOString(),
    position: position?.at ?? 0,
    models: catalog,
    inbox,
    model: selected ? await getModelPanel(db, actor, selected, panel, workspace.timezone, now) : null,
    can: {
      registerModel: can(actor, 'models.register'),
      manageUsers: can(actor, 'access.create-user'),
      removeDemo: can(actor, 'board.remove-demo'),
    },
  };
}

const daysOf = (window: string | undefined): number => BOARD_WINDOWS[window as BoardWindow] ?? BOARD_WINDOWS['90d'];

const WORST_FIRST = ['over_limit', 'checking', 'watch', 'no_data', 'on_target', 'no_goal'] as const;

/** The screen opens on what is worst, so that the first look answers "what is off?". */
function firstToShow(rows: readonly CatalogRow[]): string | undefined {
  return [...rows].sort(
    (a, b) =>
      WORST_FIRST.indexOf(a.health) - WORST_FIRST.indexOf(b.health) ||
      b.needsMe - a.needsMe ||
      (a.name < b.name ? -1 : 1),
  )[0]?.name;
}

async function listSparks(db: Db, modelIds: string[], now: Date): Promise<Map<string, (number | null)[]>> {
  if (modelIds.length === 0) return new Map();
  const rows = await db
    .select({ kpiId: kpiPoints.kpiId, value: kpiPoints.value })
    .from(kpiPoints)
    .where(sql`${kpiPoints.at} > ${new Date(now.getTime() - SPARK_DAYS * DAY_MS).toISOString()}::timestamptz`)
    .orderBy(asc(kpiPoints.at));
  const series = new Map<string, (number | null)[]>();
  for (const row of rows) series.set(row.kpiId, [...(series.get(row.kpiId) ?? []), row.value]);
  return series;
}

const SEVERITY = ['breach', 'pending', 'watch', 'no_data', 'ok'] as const;

function sparkOf(goals: readonly KpiView[], series: Map<string, (number | null)[]>): CatalogRow['spark'] {
  const worst = [...goals].sort((a, b) => SEVERITY.indexOf(a.state) - SEVERITY.indexOf(b.state))[0];
  return worst ? { label: worst.contract.name, values: series.get(worst.id) ?? [] } : { label: '', values: [] };
}

/** What waits for this person: signatures, deployments, their own requests sent back, open incidents of theirs. */
export async function listInbox(db: Db, actor: Actor, now: Date) {
  const open: RequestView[] = await listRequests(
    db,
    { states: ['in_review', 'changes_requested', 'approved', 'deploying'] },
    actor,
    now,
  );
  return inboxOf(actor, open, await listIncidents(db, { open: true }));
}
