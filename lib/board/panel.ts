import { and, desc, eq } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { requests } from '../../db/schema/approvals.ts';
import { kpis, kpiVersions } from '../../db/schema/kpis.ts';
import { batches } from '../../db/schema/measurements.ts';
import { findNames } from '../access/queries.ts';
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
import { thinned } from '../drift/rules/strip.ts';
import { listIncidents } from '../incidents/queries.ts';
import { listKpiPoints, listKpis } from '../kpis/queries.ts';
import { staleBefore } from '../kpis/rules/staleness.ts';
import { listBatches, viewBatch } from '../measurements/queries.ts';
import { calendar, startOfDays } from '../measurements/windows.ts';
import { listVersions, type ModelRow, viewModel } from '../models/queries.ts';
import { can, canRead } from './able.ts';
import { remembered, stampOf } from './remembered.ts';
import { eventsOf, type Happened } from './rules/events.ts';
import { type Period, USUAL } from './rules/period.ts';
import { BOARD_WINDOWS, type ModelPanel } from './schema.ts';
import { goalSentence } from './sentence.ts';

export type PanelQuery = {
  version?: number | undefined;
  period: Period;
  feature?: string | undefined;
  metric?: string | undefined;
};

const ACTIVITY = 60;
const LIMITS_MAX = 50;

/** All that the model column and the rail show of one model. */
export async function getModelPanel(
  db: Db,
  actor: Actor,
  row: ModelRow,
  query: PanelQuery,
  timezone: string,
  lastDataAt: string | null,
  now: Date,
): Promise<ModelPanel> {
  const [
    model,
    versions,
    goals,
    deployments,
    asked,
    incidents,
    openIncidents,
    comments,
    activity,
    batchRows,
    serving,
    targets,
    happened,
    owners,
  ] = await Promise.all([
    viewModel(db, row),
    listVersions(db, row.id),
    listKpis(db, [row.id]),
    listDeployments(db, row.id),
    listRequests(db, { modelId: row.id, limit: 10 }, actor, now),
    listIncidents(db, { model: row.name }),
    listIncidents(db, { model: row.name, open: true }),
    listComments(db, { modelId: row.id }),
    listAudit(db, { modelId: row.id, limit: ACTIVITY }),
    listBatches(db, row.id, 8),
    findServingAt(db, row.id, 'production', now),
    listEnvironments(db),
    listHappened(db, row.id),
    listOwners(db, row),
  ]);
  const wanted = versions.some((version) => version.version === query.version) ? query.version! : null;
  const version = await findJudgedVersion(db, row.id, [wanted, serving?.version ?? null]);
  const measured = await getMeasured(db, row.id, version, query, timezone, now);
  const { drift, performance, distribution, from, to } = measured;
  const points = await Promise.all(goals.map((goal) => listKpiPoints(db, goal.id, from)));
  const until = to < now ? to : now;
  // Whether data stopped coming is a fact of the model, not of the period somebody looks at.
  const stale =
    lastDataAt !== null && new Date(lastDataAt) < staleBefore(now)
      ? { since: lastDataAt, days: Math.floor((now.getTime() - new Date(lastDataAt).getTime()) / DAY_MS) }
      : null;
  const open = asked.find((request) =>
    ['in_review', 'changes_requested', 'approved', 'deploying', 'draft'].includes(request.state),
  );
  const others = versions.filter((held) => held.version !== serving?.version);
  return {
    model,
    owners,
    versions,
    live: serving
      ? { version: serving.version, since: serving.servingFrom!.toISOString(), by: serving.createdByName }
      : null,
    candidate: open?.version ?? null,
    version,
    from: from.toISOString(),
    to: until.toISOString(),
    kpis: goals.map((goal, index) => ({
      ...goal,
      points: points[index]!.filter(({ at }) => new Date(at) <= to),
      incident: openIncidents.find((incident) => incident.kpiId === goal.id)?.id ?? null,
      sentence: goalSentence(goal, stale !== null),
    })),
    drift,
    distribution,
    performance,
    stale,
    environments: targets,
    events: eventsOf(
      { ...happened, deployments: deployments.map(viewDeployment), incidents, versions, comments },
      from,
    ),
    requests: asked,
    incidents: openIncidents,
    deployments: deployments.map(viewDeployment),
    activity,
    comments,
    batches: await Promise.all(batchRows.map((batch) => viewBatch(db, batch.id))),
    can: {
      registerVersion: can(actor, 'models.register-version'),
      uploadData: can(actor, 'measurements.upload'),
      readRows: canRead(actor, 'rows'),
      changeContract: can(actor, 'contracts.change'),
      setGoal: can(actor, 'kpis.create'),
      ask: canAsk(can(actor, 'approvals.create'), others.length > 0, versions.length > 0),
      rollback: canRollBack(can(actor, 'deployments.rollback'), deployments),
      comment: can(actor, 'comments.create'),
      updateModel: can(actor, 'models.update'),
      nameProtected: can(actor, 'drift.name-protected'),
      handleIncident: can(actor, 'incidents.resolve'),
    },
  };
}

type Measured = Pick<ModelPanel, 'drift' | 'performance' | 'distribution'> & { from: Date; to: Date };

/** Up to this many days each has a point of its own: a week's average would hide the one day that was off. */
const DAILY_MAX = 400;
/** Performance needs the outcomes of a week to say much once there are more days than this. */
const DAILY_OUTCOMES_MAX = 120;

/** What was measured of a version, in days that are whole: the same question all day long, so that its answer can be kept. */
async function getMeasured(
  db: Db,
  modelId: string,
  version: number | null,
  { period, feature: asked, metric }: PanelQuery,
  timezone: string,
  now: Date,
): Promise<Measured> {
  const { from, to } = wholeDays(period, timezone, now);
  const days = (to.getTime() - from.getTime()) / DAY_MS;
  const range = { from, to, version, unit: days <= DAILY_MAX ? ('day' as const) : ('week' as const), timezone };
  const coarse = { ...range, unit: days <= DAILY_OUTCOMES_MAX ? ('day' as const) : ('week' as const) };
  const stamp = await stampOf(db, modelId);
  const full = await remembered(stamp, ['drift', range], () => getDrift(db, modelId, range));
  const performance = await remembered(stamp, ['performance', coarse, metric], async () => {
    const view = await getPerformance(db, modelId, coarse);
    return metric && view.metrics.includes(metric) ? getPerformance(db, modelId, { ...coarse, metric }) : view;
  });
  const feature = full.features.find((held) => held.name === asked)?.name ?? full.features[0]?.name;
  const drift = thinned(full, feature ?? null);
  const last = drift.windows.at(-1);
  if (!feature || version === null || !last) return { drift, performance, distribution: null, from, to };
  const weekAgo = startOfDays(timezone, new Date(last.end).getTime(), 7);
  const week = { from: new Date(Math.max(from.getTime(), weekAgo)), to, timezone };
  const distribution = await remembered(stamp, ['distribution', version, feature, week], () =>
    getDistribution(db, modelId, version, feature, week),
  );
  return { drift, performance, distribution, from, to };
}

/** The whole of today is in sight, however early it is; a period that has not begun yet is taken for the usual one. */
function wholeDays(period: Period, timezone: string, now: Date): { from: Date; to: Date } {
  const days = calendar('day', timezone);
  const today = days.at(now.getTime());
  const back = (count: number) => ({
    from: new Date(startOfDays(timezone, today.start, count)),
    to: new Date(today.end),
  });
  if (period.kind === 'last') return back(period.days);
  const from = new Date(days.at(period.from.getTime()).start);
  const to = new Date(Math.min(today.end, days.at(period.to.getTime() - 1).end));
  return from < to ? { from, to } : back(BOARD_WINDOWS[USUAL]);
}

/** Asking needs a version that is not live already. */
/** Only where another version has served before is there anything to go back to. */
function canRollBack(allowed: Able, deployments: Awaited<ReturnType<typeof listDeployments>>): Able {
  const served = deployments.filter(({ servingFrom }) => servingFrom !== null);
  const hasBefore = served.some(
    (live) =>
      live.servingTo === null &&
      served.some((row) => row.environment === live.environment && row.version !== live.version),
  );
  if (!allowed.ok || hasBefore) return allowed;
  return { ok: false, code: 'nothing_before', message: 'No other version has served: there is nothing to go back to.' };
}

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

/** What the parts of the product keep of limits, requests and references: moments and words, no more. */
async function listHappened(db: Db, modelId: string): Promise<Pick<Happened, 'limits' | 'requests' | 'references'>> {
  const [limits, asked, sent] = await Promise.all([
    db
      .select({ at: kpiVersions.createdAt, name: kpis.name, version: kpiVersions.version, reason: kpiVersions.reason })
      .from(kpiVersions)
      .innerJoin(kpis, eq(kpis.id, kpiVersions.kpiId))
      .where(eq(kpis.modelId, modelId))
      .orderBy(desc(kpiVersions.createdAt))
      .limit(LIMITS_MAX),
    db
      .select({ id: requests.id, at: requests.createdAt, version: requests.version })
      .from(requests)
      .where(eq(requests.modelId, modelId)),
    db
      .select({ at: batches.createdAt, version: batches.version, rows: batches.rows })
      .from(batches)
      .where(and(eq(batches.modelId, modelId), eq(batches.kind, 'reference'), eq(batches.state, 'done'))),
  ]);
  return { limits, requests: asked, references: sent };
}

/** Who answers for a model, in the order of the roles; without a name who has no account. */
async function listOwners(db: Db, row: ModelRow): Promise<ModelPanel['owners']> {
  const named = { product: row.ownerProduct, data: row.ownerData, ops: row.ownerOps };
  const owners = Object.entries(named).flatMap(([role, email]) => (email ? [{ role, email }] : []));
  const names = await findNames(
    db,
    owners.map(({ email }) => email),
  );
  return owners.map((owner) => ({ ...owner, name: names.get(owner.email) ?? null }));
}
