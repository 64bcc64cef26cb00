import { and, asc, desc, eq, gt, isNull, lte, or } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { deployments, environments } from '../../db/schema/approvals.ts';
import type { DeploymentState, DeploymentView } from './schema.ts';

export type DeploymentRow = typeof deployments.$inferSelect;

export async function listDeployments(db: Db, modelId: string, environment?: string): Promise<DeploymentRow[]> {
  return db
    .select()
    .from(deployments)
    .where(and(eq(deployments.modelId, modelId), environment ? eq(deployments.environment, environment) : undefined))
    .orderBy(desc(deployments.createdAt), desc(deployments.id));
}

/** Which version decided at that instant: the pointer moved at `servingFrom` and away at `servingTo`. */
export async function findServingAt(
  db: Db,
  modelId: string,
  environment: string,
  at: Date,
): Promise<DeploymentRow | undefined> {
  const [row] = await db
    .select()
    .from(deployments)
    .where(
      and(
        eq(deployments.modelId, modelId),
        eq(deployments.environment, environment),
        lte(deployments.servingFrom, at),
        or(isNull(deployments.servingTo), gt(deployments.servingTo, at)),
      ),
    );
  return row;
}

export const viewDeployment = (row: DeploymentRow): DeploymentView => ({
  id: row.id,
  environment: row.environment,
  version: row.version,
  kind: row.kind as 'deploy' | 'rollback',
  state: row.state as DeploymentState,
  request: row.requestId,
  reason: row.reason,
  detail: row.detail,
  createdBy: row.createdByName,
  createdAt: row.createdAt.toISOString(),
  servingFrom: row.servingFrom?.toISOString() ?? null,
  servingTo: row.servingTo?.toISOString() ?? null,
});

/** The names of the places a version can be put live in. */
export async function listEnvironments(db: Db): Promise<string[]> {
  const rows = await db.select({ name: environments.name }).from(environments).orderBy(asc(environments.name));
  return rows.map((row) => row.name);
}
