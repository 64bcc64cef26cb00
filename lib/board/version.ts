import { and, asc, eq, inArray, like } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { environments } from '../../db/schema/approvals.ts';
import { auditEvents } from '../../db/schema/audit.ts';
import { batches } from '../../db/schema/measurements.ts';
import { listDeployments, viewDeployment } from '../deployments/queries.ts';
import { findReferenceColumns } from '../measurements/queries.ts';
import { getModel, getVersion, type ModelRow, viewVersions } from '../models/queries.ts';
import type { AliasMove, VersionPage } from './schema.ts';

/** One version with what it came from, what it does better or worse than the live one, and where it has been. */
export async function getVersionPage(db: Db, name: string, number: number): Promise<VersionPage> {
  const model = await getModel(db, name);
  const row = await getVersion(db, model, number);
  const deployments = await listDeployments(db, model.id);
  const live = deployments.find((held) => held.environment === 'production' && held.servingFrom && !held.servingTo);
  const liveRow = live && live.version !== number ? await getVersion(db, model, live.version) : undefined;
  const [version, liveVersion] = await viewVersions(db, model.id, liveRow ? [row, liveRow] : [row]);
  return {
    ...version!,
    live: liveVersion ? { version: liveVersion.version, metrics: liveVersion.metrics } : null,
    origin: await originOf(db, model.id, number, version!.dataset),
    deployments: deployments.filter((held) => held.version === number).map(viewDeployment),
    aliasHistory: await listAliasMoves(db, model),
  };
}

/** What is known of the data a version learned from: seen by us, only said, or nothing. */
async function originOf(db: Db, modelId: string, version: number, dataset: unknown): Promise<VersionPage['origin']> {
  const reference = await findReferenceColumns(db, modelId, version);
  if (!reference) return { state: dataset === null ? 'missing' : 'stated', dataset, reference: null };
  const [batch] = await db
    .select({ at: batches.createdAt, by: batches.createdBy, hash: batches.contentHash, rows: batches.rows })
    .from(batches)
    .where(eq(batches.id, reference.batchId));
  const seen = batch && { rows: batch.rows ?? 0, by: batch.by, at: batch.at.toISOString(), contentHash: batch.hash };
  return { state: 'evidenced', dataset, reference: seen ?? null };
}

const MOVES = ['models.set-alias', 'models.delete-alias'];

/**
 * Every move of every alias of a model, oldest first: by hand as the trail has it, and by deployments, which carry the
 * serving alias of their environment with them.
 */
export async function listAliasMoves(db: Db, model: ModelRow): Promise<AliasMove[]> {
  const rows = await db
    .select()
    .from(auditEvents)
    .where(
      and(
        eq(auditEvents.modelId, model.id),
        inArray(auditEvents.action, MOVES),
        like(auditEvents.subjectId, `${model.id}/%`),
      ),
    )
    .orderBy(asc(auditEvents.id));
  const byHand = rows.map((row): AliasMove => {
    const { before, after } = JSON.parse(row.body) as Record<'before' | 'after', { version: number } | null>;
    return {
      alias: row.subjectId.slice(model.id.length + 1),
      from: before?.version ?? null,
      to: after?.version ?? null,
      by: row.actorName,
      at: row.at.toISOString(),
    };
  });
  const served = (await listDeployments(db, model.id))
    .flatMap((row) => (row.servingFrom ? [{ ...row, servingFrom: row.servingFrom }] : []))
    .sort((a, b) => a.servingFrom.getTime() - b.servingFrom.getTime());
  const places = await db.select().from(environments);
  const byDeployment = places.flatMap(({ name, servingAlias }) => {
    const there = served.filter((row) => row.environment === name);
    return there.map((row, i) => ({
      alias: servingAlias,
      from: there[i - 1]?.version ?? null,
      to: row.version,
      by: row.createdByName,
      at: row.servingFrom.toISOString(),
    }));
  });
  return [...byHand, ...byDeployment].sort((a, b) => a.at.localeCompare(b.at));
}
