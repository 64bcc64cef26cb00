import { and, asc, eq, isNull, max, sql } from 'drizzle-orm';
import type { Db } from '../../../db/client.ts';
import { deployments } from '../../../db/schema/approvals.ts';
import { incidents, kpis } from '../../../db/schema/kpis.ts';
import { latestWindows, references } from '../../../db/schema/measurements.ts';
import { listKpis } from '../../kpis/queries.ts';
import { staleBefore, stateNow } from '../../kpis/rules/staleness.ts';
import type { KpiView } from '../../kpis/schema.ts';
import { findVersion, getVersion, type ModelRow } from '../../models/queries.ts';
import type { Tier } from '../../models/schema.ts';
import { POLICY_VERSION } from '../rules.ts';
import type { Check, Comparison, Evidence, Rollout, Subject } from '../schema.ts';

type Asked = { version: number; environment: string; rollout: Rollout };

/** What serves there, by the state of things alone: its moment may be a little later than that of the question. */
export async function findServing(db: Db, modelId: string, environment: string) {
  const [row] = await db
    .select()
    .from(deployments)
    .where(
      and(
        eq(deployments.modelId, modelId),
        eq(deployments.environment, environment),
        sql`${deployments.servingFrom} is not null`,
        isNull(deployments.servingTo),
      ),
    );
  return row;
}

async function findReference(db: Db, modelId: string, version: number) {
  const [row] = await db
    .select({ id: references.id, rows: references.rows })
    .from(references)
    .where(and(eq(references.modelId, modelId), eq(references.version, version), references.current));
  return row;
}

/** What would be agreed to, as it stands now. Its hash decides whether a signature still means the same thing. */
export async function buildSubject(db: Db, model: ModelRow, asked: Asked): Promise<Subject> {
  const version = await findVersion(db, model.id, asked.version);
  const goals = await db
    .select({ id: kpis.id, version: kpis.version })
    .from(kpis)
    .where(and(eq(kpis.modelId, model.id), isNull(kpis.deletedAt)))
    .orderBy(asc(kpis.id));
  const reference = await findReference(db, model.id, asked.version);
  const serving = await findServing(db, model.id, asked.environment);
  return {
    kind: 'model_deploy',
    environment: asked.environment,
    modelId: model.id,
    modelVersion: asked.version,
    source: version?.source ?? 'deleted',
    digest: version?.digest ?? null,
    kpis: goals,
    referenceId: reference?.id ?? null,
    rollout: asked.rollout,
    baseDeploymentId: serving?.id ?? null,
    tier: model.tier as Tier | null,
    policyVersion: POLICY_VERSION,
  };
}

/** The small decisive facts, by value, as they are at this moment. */
export async function buildEvidence(db: Db, model: ModelRow, asked: Asked, now: Date): Promise<Evidence> {
  const candidate = await getVersion(db, model, asked.version);
  const serving = await findServing(db, model.id, asked.environment);
  const live = serving && (await findVersion(db, model.id, serving.version));
  const reference = await findReference(db, model.id, asked.version);
  const goals = await listKpis(db, [model.id]);
  const open = await db
    .select()
    .from(incidents)
    .where(and(eq(incidents.modelId, model.id), sql`${incidents.state} <> 'resolved'`))
    .orderBy(asc(incidents.id));
  const [last] = await db
    .select({ end: latestWindows.end })
    .from(latestWindows)
    .where(and(eq(latestWindows.modelId, model.id), eq(latestWindows.version, asked.version)));
  const [data] = await db
    .select({ to: max(latestWindows.end) })
    .from(latestWindows)
    .where(eq(latestWindows.modelId, model.id));
  const staleSince = data?.to && data.to < staleBefore(now) ? data.to : null;
  const names = [...new Set([...Object.keys(candidate.metrics), ...Object.keys(live?.metrics ?? {})])].sort();
  const comparisons: Comparison[] = names.map((metric) => ({
    metric,
    live: live?.metrics[metric] ?? null,
    candidate: candidate.metrics[metric] ?? null,
  }));
  const checks: Check[] = [
    candidate.digest
      ? { id: 'identity', name: 'Artifact digest', verdict: 'pass', detail: candidate.digest }
      : {
          id: 'identity',
          name: 'Artifact digest',
          verdict: 'watch',
          detail: 'Registered without a digest: the bytes cannot be compared later.',
        },
    candidate.dataset
      ? { id: 'origin', name: 'Training data', verdict: 'pass', detail: 'Stated with the version.' }
      : { id: 'origin', name: 'Training data', verdict: 'watch', detail: 'Its origin is missing.' },
    reference
      ? { id: 'reference', name: 'Reference data', verdict: 'pass', detail: `${reference.rows} rows.` }
      : {
          id: 'reference',
          name: 'Reference data',
          verdict: 'not_run',
          detail: 'No reference was sent for this version: drift cannot be judged.',
        },
    goalsCheck(goals, staleSince),
    {
      id: 'incidents',
      name: 'Open incidents',
      verdict: open.length === 0 ? 'pass' : 'watch',
      detail: open.length === 0 ? 'None.' : `${open.length} open.`,
    },
    {
      id: 'way_back',
      name: 'Way back',
      verdict: serving ? 'pass' : 'watch',
      detail: serving
        ? `Version ${serving.version} can be restored.`
        : 'Nothing has served yet: there is nothing to go back to.',
    },
  ];
  return {
    checks,
    comparisons,
    liveVersion: serving?.version ?? null,
    goals: goals.map((goal) => ({
      name: goal.contract.name,
      state: stateNow(goal, staleSince !== null),
      value: goal.value,
      version: goal.version,
    })),
    openIncidents: open.map((incident) => ({
      id: incident.id,
      name: incident.kpiName,
      openedAt: incident.openedAt.toISOString(),
    })),
    dataTo: last?.end.toISOString() ?? null,
  };
}

/** @param staleSince when the newest data ended, where it is too old to say how the goals are now */
function goalsCheck(goals: readonly KpiView[], staleSince: Date | null): Check {
  const check = { id: 'goals', name: 'Goals' };
  if (goals.length === 0) return { ...check, verdict: 'not_run', detail: 'No goal is set.' };
  const met = goals.filter((goal) => stateNow(goal, staleSince !== null) === 'ok').length;
  const since = staleSince ? ` No data since ${staleSince.toISOString().slice(0, 16).replace('T', ' ')} UTC.` : '';
  const detail = `${met} of ${goals.length} on target.${since}`;
  if (goals.every((goal) => goal.state === 'no_data')) return { ...check, verdict: 'not_run', detail };
  return { ...check, verdict: met === goals.length ? 'pass' : 'watch', detail };
}
