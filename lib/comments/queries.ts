import { and, desc, eq } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { comments, requests } from '../../db/schema/approvals.ts';
import { incidents, kpis } from '../../db/schema/kpis.ts';
import { models } from '../../db/schema/models.ts';
import { isUuid } from '../base/ids.ts';
import { findModel, type ModelRow } from '../models/queries.ts';
import type { CommentView } from './schema.ts';

/** The latest so many are told. */
const LISTED_MAX = 500;

/** The model a subject belongs to, whatever kind of subject it is. */
export async function findSubjectModel(db: Db, subject: { type: string; id: string }): Promise<ModelRow | undefined> {
  const number = /^\d{1,15}$/.test(subject.id) ? Number(subject.id) : undefined;
  const uuid = isUuid(subject.id) ? subject.id : undefined;
  const byId = async (modelId: string | undefined) =>
    modelId ? (await db.select().from(models).where(eq(models.id, modelId)))[0] : undefined;
  if (subject.type === 'request') {
    const [row] =
      number === undefined
        ? []
        : await db.select({ modelId: requests.modelId }).from(requests).where(eq(requests.id, number));
    return byId(row?.modelId);
  }
  if (subject.type === 'incident') {
    const [row] =
      number === undefined
        ? []
        : await db.select({ modelId: incidents.modelId }).from(incidents).where(eq(incidents.id, number));
    return byId(row?.modelId);
  }
  if (subject.type === 'kpi') {
    const [row] =
      uuid === undefined ? [] : await db.select({ modelId: kpis.modelId }).from(kpis).where(eq(kpis.id, uuid));
    return byId(row?.modelId);
  }
  // A version is `name/3`, a moment `name@2026-01-01T00:00Z`.
  return findModel(db, subject.type === 'model' ? subject.id : subject.id.replace(/[/@][^/@]*$/, ''));
}

export async function listComments(
  db: Db,
  filter: { modelId?: string; subject?: { type: string; id: string } },
): Promise<CommentView[]> {
  const rows = await db
    .select()
    .from(comments)
    .where(
      and(
        filter.modelId ? eq(comments.modelId, filter.modelId) : undefined,
        filter.subject
          ? and(eq(comments.subjectType, filter.subject.type), eq(comments.subjectId, filter.subject.id))
          : undefined,
      ),
    )
    .orderBy(desc(comments.createdAt), desc(comments.id))
    .limit(LISTED_MAX);
  return rows.reverse().map((row) => ({
    id: row.id,
    subject: { type: row.subjectType, id: row.subjectId },
    body: row.body,
    createdBy: row.createdByName,
    createdAt: row.createdAt.toISOString(),
  }));
}
