import { asc, eq, max } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { savedViews } from '../../db/schema/access.ts';
import { outbox } from '../../db/schema/audit.ts';
import { getWorkspace } from '../access/queries.ts';
import type { Actor } from '../access/schema.ts';
import { findModel } from '../models/queries.ts';
import { can } from './able.ts';
import { listCatalog } from './catalog.ts';
import { getModelPanel, type PanelQuery } from './panel.ts';
import { readPeriod, USUAL_PERIOD } from './rules/period.ts';
import { sortCatalog } from './rules.ts';
import type { BoardView, SavedView } from './schema.ts';

export type BoardQuery = { m?: string; v?: number; w?: string; f?: string; metric?: string };

/** What the one screen needs, in one read. */
export async function getBoard(db: Db, actor: Actor, query: BoardQuery, now: Date): Promise<BoardView> {
  const [position] = await db.select({ at: max(outbox.position) }).from(outbox);
  const workspace = await getWorkspace(db);
  const { catalog, inbox } = await listCatalog(db, actor, now);
  // The screen opens on what is worst, so that the first look answers "what is off?". Who asked for a model by name gets that
  // one or none: another in its place would be taken for it.
  const wanted = query.m ?? sortCatalog(catalog, 'worst')[0]?.name;
  const listed = catalog.find((row) => row.name === wanted);
  const selected = listed && (await findModel(db, listed.name));
  const period = readPeriod(query.w ?? '') ?? USUAL_PERIOD;
  const panel: PanelQuery = { version: query.v, period, feature: query.f, metric: query.metric };
  const lastDataAt = listed?.lastDataAt ?? null;
  return {
    me: { id: actor.id, name: actor.name, email: actor.email, roles: actor.roles },
    workspace: {
      name: workspace.name,
      timezone: workspace.timezone,
      currency: workspace.currency,
      demo: workspace.demoLoadedAt !== null,
    },
    now: now.toISOString(),
    position: position?.at ?? 0,
    models: catalog,
    inbox,
    views: await listViews(db, actor),
    model: selected ? await getModelPanel(db, actor, selected, panel, workspace.timezone, lastDataAt, now) : null,
    can: {
      registerModel: can(actor, 'models.register'),
      importRegistry: can(actor, 'imports.start'),
      manageUsers: can(actor, 'access.create-user'),
      manageWebhooks: can(actor, 'notifications.create-webhook'),
      removeDemo: can(actor, 'board.remove-demo'),
    },
  };
}

/** A person's own views of the catalogue, by name. */
export async function listViews(db: Db, actor: Actor): Promise<SavedView[]> {
  if (actor.kind !== 'user') return [];
  return db
    .select({ id: savedViews.id, name: savedViews.name, query: savedViews.query })
    .from(savedViews)
    .where(eq(savedViews.userId, actor.id))
    .orderBy(asc(savedViews.name));
}
