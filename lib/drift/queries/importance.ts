import type { Db } from '../../../db/client.ts';
import { findReference } from '../../measurements/queries.ts';
import { findImportance } from '../../models/queries.ts';
import { importanceOf } from '../importance.ts';
import type { ImportanceView } from '../schema.ts';

/** How much each column matters to a version, and how that is known; the weightiest first. */
export async function getImportance(db: Db, modelId: string, version: number): Promise<ImportanceView> {
  const [sent, reference] = await Promise.all([
    findImportance(db, modelId, version),
    findReference(db, modelId, version),
  ]);
  const { source, method, shares, explained } = importanceOf(reference?.profile ?? {}, sent);
  const columns = Object.entries(shares)
    .map(([name, share]) => ({ name, share, explained: explained[name] ?? null }))
    .sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1));
  const by = source === 'sent' && sent ? { sentBy: sent.sentBy, sentAt: sent.sentAt.toISOString() } : null;
  return { version, source, method, sentBy: by?.sentBy ?? null, sentAt: by?.sentAt ?? null, columns };
}
