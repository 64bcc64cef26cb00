import { and, desc, eq, isNull, or, sql } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { deployments } from '../../db/schema/approvals.ts';
import { models } from '../../db/schema/models.ts';
import type { Actor } from '../access/schema.ts';
import { listRequests } from '../approvals/queries/request.ts';
import { listKpis } from '../kpis/queries.ts';
import { getModel, listVersions, viewModel, viewModels } from '../models/queries.ts';
import { TIERS } from '../models/schema.ts';
import { badParameter, oneOf } from '../shell/http.ts';
import { getBoard } from './queries.ts';
import { HEALTH } from './schema.ts';

const LIMIT_MAX = 1000;
/** Word similarity from which a typo still counts as the word ("chrun" finds "churn"). */
const SIMILAR = 0.3;

/** The catalogue by search and facets; every facet's count is what choosing it would leave. */
export async function searchModels(db: Db, actor: Actor, query: URLSearchParams, now: Date) {
  const limit = Number(query.get('limit') ?? '100');
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX)
    throw badParameter('limit', `must be 1 to ${LIMIT_MAX}`);
  const offset = Number(query.get('cursor') ?? '0');
  if (!Number.isInteger(offset) || offset < 0) throw badParameter('cursor', 'must be a cursor this list gave');
  const q = query.get('q')?.trim().slice(0, 200);
  const text = sql`${models.name} || ' ' || coalesce(${models.title}, '') || ' ' || coalesce(${models.domain}, '') || ' ' || coalesce(${models.ownerProduct}, '') || ' ' || coalesce(${models.ownerData}, '') || ' ' || coalesce(${models.ownerOps}, '')`;
  const rows = await db
    .select()
    .from(models)
    .where(
      q
        ? or(
            sql`${text} ilike ${`%${q.replace(/[\\%_]/g, '\\$&')}%`}`,
            sql`word_similarity(${q}, ${text}) >= ${SIMILAR}`,
            sql`exists (select 1 from model_tags t where t.model_id = ${models.id} and t.value ilike ${q})`,
            sql`exists (select 1 from kpis k where k.model_id = ${models.id} and k.deleted_at is null and k.name % ${q})`,
          )
        : undefined,
    )
    .orderBy(q ? sql`word_similarity(${q}, ${text}) desc` : models.name, models.name);
  const health = new Map((await getBoard(db, actor, {}, now)).models.map((row) => [row.name, row.health]));
  const tier = oneOf('tier', TIERS, query.get('tier'));
  const state = oneOf('health', HEALTH, query.get('health'));
  const [domain, owner] = [query.get('domain'), query.get('owner')?.toLowerCase()];
  const kept = rows.filter(
    (row) =>
      (!tier || row.tier === tier) &&
      (!state || health.get(row.name) === state) &&
      (!domain || row.domain === domain) &&
      (!owner || [row.ownerProduct, row.ownerData, row.ownerOps].includes(owner)),
  );
  const page = kept.slice(offset, offset + limit);
  const views = await viewModels(db, page);
  return {
    items: views.map((view) => ({ ...view, health: health.get(view.name) ?? 'no_goal' })),
    nextCursor: kept.length > offset + limit ? String(offset + limit) : null,
    facets: {
      tier: tally(kept.map((row) => row.tier ?? 'unclassified')),
      domain: tally(kept.flatMap((row) => row.domain ?? [])),
      health: tally(kept.map((row) => health.get(row.name) ?? 'no_goal')),
    },
  };
}

function tally(words: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

/** A model with its versions, what serves in each environment, its goals' state and its open requests. */
export async function getModelSummary(db: Db, actor: Actor, name: string, now: Date) {
  const row = await getModel(db, name);
  const [view, versions, goals, asked, serving] = await Promise.all([
    viewModel(db, row),
    listVersions(db, row.id),
    listKpis(db, [row.id]),
    listRequests(
      db,
      { modelId: row.id, states: ['draft', 'in_review', 'changes_requested', 'approved', 'deploying'] },
      actor,
      now,
    ),
    db
      .select({ environment: deployments.environment, version: deployments.version, since: deployments.servingFrom })
      .from(deployments)
      .where(
        and(
          eq(deployments.modelId, row.id),
          sql`${deployments.servingFrom} is not null`,
          isNull(deployments.servingTo),
        ),
      )
      .orderBy(desc(deployments.servingFrom)),
  ]);
  return { ...view, versions, environments: serving, kpis: goals, openRequests: asked };
}
