import { desc, eq } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { imports } from '../../db/schema/imports.ts';
import { notFound } from '../shell/errors.ts';
import { type Place, unseal } from '../shell/seal.ts';
import type { ImportState, ImportView } from './schema.ts';

export type ImportRow = typeof imports.$inferSelect;

export const TOKEN_PLACE = (id: string): Place => ({ table: 'imports', id, column: 'token' });
export const FOLLOW_PLACE = (id: string): Place => ({ table: 'imports', id, column: 'follow_secret' });
const LISTED_IMPORTS = 50;

export async function getImport(db: Db, id: string): Promise<ImportRow> {
  const [row] = await db.select().from(imports).where(eq(imports.id, id));
  if (!row) throw notFound('import', id);
  return row;
}

export async function lockImport(tx: Db, id: string): Promise<ImportRow> {
  const [row] = await tx.select().from(imports).where(eq(imports.id, id)).for('update');
  if (!row) throw notFound('import', id);
  return row;
}

/** The newest import of a source, locked: what another start of it goes on with. */
export async function lockLatestOf(tx: Db, source: string): Promise<ImportRow | undefined> {
  const [row] = await tx
    .select()
    .from(imports)
    .where(eq(imports.source, source))
    .orderBy(desc(imports.startedAt))
    .limit(1)
    .for('update');
  return row;
}

/** The newest imports. */
export async function listImports(db: Db): Promise<{ items: ImportView[]; nextCursor: null }> {
  const rows = await db.select().from(imports).orderBy(desc(imports.startedAt)).limit(LISTED_IMPORTS);
  return { items: rows.map(viewImport), nextCursor: null };
}

/** The token that is sent; undefined when it cannot be opened any more. */
export const openToken = (row: ImportRow): string | null | undefined =>
  row.token === null ? null : unseal(row.token, TOKEN_PLACE(row.id));

export const viewImport = (row: ImportRow): ImportView => ({
  id: row.id,
  from: row.source,
  authenticated: row.token !== null,
  following: row.followSecret !== null,
  state: row.state as ImportState,
  models: { total: row.modelsTotal, done: row.modelsDone, created: row.modelsCreated },
  versions: { added: row.versionsAdded },
  conflictCount: row.conflictCount,
  conflicts: row.conflicts,
  failureCount: row.failureCount,
  failures: row.failures,
  error: row.error,
  startedBy: row.startedBy,
  startedAt: row.startedAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
  finishedAt: row.finishedAt?.toISOString() ?? null,
});
