import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { deployments } from '../../db/schema/approvals.ts';
import type { Actor } from '../access/schema.ts';
import { listRequests } from '../approvals/queries/request.ts';
import { listKpis } from '../kpis/queries.ts';
import { getModel, listVersions, viewModel } from '../models/queries.ts';

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
