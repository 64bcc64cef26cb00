import { desc, eq } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { requests } from '../../db/schema/approvals.ts';
import { kpis, kpiVersions } from '../../db/schema/kpis.ts';
import type { Actor } from '../access/schema.ts';
import { listRequests } from '../approvals/queries/request.ts';
import type { Able } from '../approvals/schema.ts';
import { listAudit } from '../audit/queries.ts';
import { DAY_MS } from '../base/time.ts';
import { listComments } from '../comments/queries.ts';
import { findServingAt, listDeployments, listEnvironments, viewDeployment } from '../deployments/queries.ts';
import { getDistribution } from '../drift/queries/distribution.ts';
import { findJudgedVersion, getDrift } from '../drift/queries/drift.ts';
import { getPerformance } from '../drift/queries/performance.ts';
import { listIncidents } from '../incidents/queries.ts';
import { listKpiPoints, listKpis } from '../kpis/queries.ts';
import { listBatches, viewBatch } from '../measurements/queries.ts';
import { listVersions, type ModelRow, viewModel } from '../models/queries.ts';
import { can } from './able.ts';
import { staleBefore } from './rules.ts';
import type { BoardEvent, ModelPanel } from './schema.ts';
import { goalSentence } from './sentence.ts';

export type PanelQuery = {
  version?: number | undefined;
  days: number;
  feature?: string | undefined;
  metric?: string | undefined;
};

const ACTIVITY = 60;

/** All that the model column and the rail show of one model. */
export async function getModelPanel(
  db: Db,
  actor: Actor,
  row: ModelRow,
  query: PanelQuery,
  timezone: string,
  now: Date,
): Promise<ModelPanel> {
  const [model, versions, goals, deployments, asked, incidents, comments, activity, batchRows, serving, targets] =
    await Promise.all([
      viewModel(db, row),
      listVersions(db, row.id),
      listKpis(db, [row.id]),
      listDeployments(db, row.id),
      listRequests(db, { modelId: row.id, limit: 10 }, actor, now),
      listIncidents(db, { model: row.name }),
      listComments(db, { modelId: row.id }),
      listAudit(db, { modelId: row.id, limit: ACTIVITY }),
      listBatches(db, row.id, 8),
      findServingAt(db, row.id, 'production', now),
      listEnvironments(db),
    ]);
  const wanted = versions.some((version) => version.version === query.version) ? query.version! : null;
  const version = await findJudgedVersion(db, row.id, [wanted, serving?.version ?? null]);
  // The whole of today is in sight, however early it is.
  const to = new Date(now.getTime() + DAY_MS);
  const from = new Date(now.getTime() - query.days * DAY_MS);
  const unit = query.days <= 120 ? ('day' as const) : ('week' as const);
  const range = { from, to, version, unit, timezone };
  const drift = await getDrift(db, row.id, range);
  const metric = query.metric;
  const performance = await getPerformance(db, row.id, range).then((view) =>
    metric && view.metrics.includes(metric) ? getPerformance(db, row.id, { ...range, metric }) : view,
  );
  const feature = drift.features.find((held) => held.name === query.feature)?.name ?? drift.features[0]?.name;
  const last = drift.windows.at(-1);
  const distributionFrom = last ? new Date(Math.max(from.getTime(), new Date(last.end).getTime() - 7 * DAY_MS)) : from;
  const distribution =
    feature && version !== null && last
      ? await getDistribution(db, row.id, version, feature, { from: distributionFrom, to, timezone })
      : null;
  const points = await Promise.all(goals.map((goal) => listKpiPoints(db, goal.id)));
  const dataTo = last?.end ?? null;
  const stale =
    dataTo !== null && new Date(dataTo) < staleBefore(now)
      ? { since: dataTo, days: Math.floor((now.getTime() - new Date(dataTo).getTime()) / DAY_MS) }
      : null;
  const open = asked.find((request) =>
    ['in_review', 'changes_requested', 'approved', 'deploying', 'draft'].includes(request.state),
  );
  const others = versions.filter((held) => held.version !== serving?.version);
  return {
    model,
    versions,
    live: serving
      ? { version: serving.version, since: serving.servingFrom!.toISOString(), by: serving.createdByName }
      : null,
    candidate: open?.version ?? null,
    version,
    from: from.toISOString(),
    to: now.toISOString(),
    kpis: goals.map((goal, index) => ({
      ...goal,
      points: points[index]!.filter((point) => new Date(point.at) >= from),
      incident: incidents.find((incident) => incident.kpiId === goal.id && incident.state !== 'resolved')?.id ?? null,
      sentence: goalSentence(goal, stale !== null),
    })),
    drift,
    distribution,
    performance,
    stale,
    environments: targets,
    events: await listEvents(db, row.id, from, deployments.map(viewDeployment), incidents),
    requests: asked,
    incidents,
    deployments: deployments.map(viewDeployment),
    activity,
    comments,
    batches: await Promise.all(batchRows.map((batch) => viewBatch(db, batch.id))),
    can: {
      registerVersion: can(actor, 'models.register-version'),
      uploadData: can(actor, 'measurements.upload'),
      setGoal: can(actor, 'kpis.create'),
      ask: canAsk(can(actor, 'approvals.create'), others.length > 0, versions.length > 0),
      rollback: can(actor, 'deployments.rollback'),
      comment: can(actor, 'comments.create'),
      updateModel: can(actor, 'models.update'),
      handleIncident: can(actor, 'incidents.resolve'),
    },
  };
}

/** Asking needs a version that is not live already. */
function canAsk(allowed: Able, hasOther: boolean, hasAny: boolean): Able {
  if (!allowed.ok || hasOther) return allowed;
  return {
    ok: false,
    code: 'nothing_to_ask',
    message: hasAny
      ? 'The only version is live already. Register a newer one to propose it.'
      : 'Register the first version of this model.',
  };
}

async function listEvents(
  db: Db,
  modelId: string,
  from: Date,
  deployments: ModelPanel['deployments'],
  incidents: ModelPanel['incidents'],
): Promise<BoardEvent[]> {
  const limits = await db
    .select({ at: kpiVersions.createdAt, name: kpis.name, version: kpiVersions.version, reason: kpiVersions.reason })
    .from(kpiVersions)
    .innerJoin(kpis, eq(kpis.id, kpiVersions.kpiId))
    .where(eq(kpis.modelId, modelId))
    .orderBy(desc(kpiVersions.createdAt))
    .limit(50);
  const asked = await db
    .select({ id: requests.id, at: requests.createdAt, version: requests.version })
    .from(requests)
    .where(eq(requests.modelId, modelId));
  const events: BoardEvent[] = [
    ...deployments.flatMap((row): BoardEvent[] =>
      row.servingFrom === null
        ? []
        : [
            {
              at: row.servingFrom,
              kind: row.kind,
              label: `${row.kind === 'deploy' ? 'Version' : 'Back to version'} ${row.version} in ${row.environment}`,
            },
          ],
    ),
    ...incidents.map(
      (row): BoardEvent => ({ at: row.windowStart, kind: 'incident', label: `${row.kpi} over its limit` }),
    ),
    ...limits.map(
      (row): BoardEvent => ({
        at: row.at.toISOString(),
        kind: 'limit',
        label: `${row.name}: limits v${row.version}. ${row.reason}`,
      }),
    ),
    ...asked.map(
      (row): BoardEvent => ({
        at: row.at.toISOString(),
        kind: 'request',
        label: `Request ${row.id} for version ${row.version}`,
      }),
    ),
  ];
  return events.filter((event) => new Date(event.at) >= from).sort((a, b) => (a.at < b.at ? -1 : 1));
}
