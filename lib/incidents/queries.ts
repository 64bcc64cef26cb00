import { and, asc, desc, eq, inArray, sql } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { incidents } from '../../db/schema/kpis.ts';
import { models } from '../../db/schema/models.ts';
import { notFound } from '../shell/errors.ts';
import type { Cause, IncidentState, IncidentView } from './schema.ts';

export type IncidentRow = typeof incidents.$inferSelect;

export const viewIncident = (row: IncidentRow, model: string): IncidentView => ({
  id: row.id,
  model,
  kpiId: row.kpiId,
  kpi: row.kpiName,
  kpiVersion: row.kpiVersion,
  state: row.state as IncidentState,
  openedAt: row.openedAt.toISOString(),
  windowStart: row.windowStart.toISOString(),
  value: row.value,
  limit: row.limit,
  assignee: row.assignee,
  acknowledgedBy: row.acknowledgedBy,
  recoveredAt: row.recoveredAt?.toISOString() ?? null,
  resolvedAt: row.resolvedAt?.toISOString() ?? null,
  cause: row.cause as Cause | null,
  note: row.note,
});

/** What a command that handled an incident hands back: how it is now, and what the trail tells of the change. */
export const handled = (before: IncidentRow, after: IncidentRow, model: { id: string; name: string }) => ({
  value: viewIncident(after, model.name),
  subject: { type: 'incident', id: String(before.id), model },
  before: { state: before.state, assignee: before.assignee },
  after: { state: after.state, assignee: after.assignee, cause: after.cause },
  ...(after.note ? { reason: after.note } : {}),
});

export type IncidentFilter = { model?: string; state?: IncidentState; kpi?: string; open?: boolean };

const NEWEST_FIRST = [desc(incidents.openedAt), desc(incidents.id)];
const LISTED = 200;
/** More than are open anywhere: goals have one at most. Beyond it the oldest are kept. */
const OPEN_MAX = 5_000;

/** Newest first; the newest 200, but all that are open where those are asked for: what waits longest must not drop out. */
export async function listIncidents(db: Db, filter: IncidentFilter): Promise<IncidentView[]> {
  const rows = await db
    .select({ incident: incidents, model: models.name })
    .from(incidents)
    .innerJoin(models, eq(models.id, incidents.modelId))
    .where(
      and(
        filter.model ? eq(models.name, filter.model) : undefined,
        filter.state ? eq(incidents.state, filter.state) : undefined,
        filter.kpi ? eq(incidents.kpiId, filter.kpi) : undefined,
        filter.open ? inArray(incidents.state, ['open', 'acknowledged', 'snoozed', 'recovered']) : undefined,
      ),
    )
    .orderBy(...(filter.open ? [asc(incidents.openedAt), asc(incidents.id)] : NEWEST_FIRST))
    .limit(filter.open ? OPEN_MAX : LISTED);
  if (filter.open) rows.reverse();
  return rows.map((row) => viewIncident(row.incident, row.model));
}

export async function lockIncident(
  tx: Db,
  id: number,
): Promise<{ incident: IncidentRow; model: { id: string; name: string } }> {
  const [row] = await tx
    .select({ incident: incidents, model: { id: models.id, name: models.name } })
    .from(incidents)
    .innerJoin(models, eq(models.id, incidents.modelId))
    .where(eq(incidents.id, id))
    .for('update', { of: incidents });
  if (!row) throw notFound('incident', String(id));
  return row;
}

export async function findOpenIncident(tx: Db, kpiId: string): Promise<IncidentRow | undefined> {
  const [row] = await tx
    .select()
    .from(incidents)
    .where(and(eq(incidents.kpiId, kpiId), sql`${incidents.state} <> 'resolved'`))
    .for('update');
  return row;
}

/** The start of the last alert on this goal that a person has resolved. */
export async function findSettledStart(tx: Db, kpiId: string): Promise<Date | undefined> {
  const [row] = await tx
    .select({ start: incidents.windowStart })
    .from(incidents)
    .where(and(eq(incidents.kpiId, kpiId), eq(incidents.state, 'resolved')))
    .orderBy(desc(incidents.windowStart))
    .limit(1);
  return row?.start;
}
