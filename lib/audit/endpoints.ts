import type { Db } from '../../db/client.ts';
import { findModel } from '../models/queries.ts';
import { badParameter, instant } from '../shell/http.ts';
import { listAudit } from './queries.ts';
import type { AuditRow } from './schema.ts';

const LIMIT_MAX = 500;

/** `subject` is a model's name, or the id of whatever a row is about. */
export async function readAudit(
  db: Db,
  query: URLSearchParams,
): Promise<{ items: AuditRow[]; nextCursor: string | null }> {
  const text = query.get('limit') ?? '100';
  if (!/^\d{1,4}$/.test(text) || Number(text) < 1 || Number(text) > LIMIT_MAX)
    throw badParameter('limit', `must be 1 to ${LIMIT_MAX}`);
  const cursor = query.get('cursor');
  if (cursor !== null && !/^\d{1,15}$/.test(cursor)) throw badParameter('cursor', 'must be a cursor this list gave');
  const limit = Number(text);
  const [subject, actor, action] = [query.get('subject'), query.get('actor'), query.get('action')];
  const [from, to] = [instant('from', query.get('from')), instant('to', query.get('to'))];
  const model = subject ? await findModel(db, subject) : undefined;
  const rows = await listAudit(db, {
    ...(model ? { modelId: model.id } : subject ? { subject } : {}),
    ...(actor ? { actor } : {}),
    ...(action ? { action } : {}),
    ...(from ? { from } : {}),
    ...(to ? { to } : {}),
    ...(cursor ? { before: Number(cursor) } : {}),
    limit: limit + 1,
  });
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? String(items.at(-1)!.id) : null };
}
