import { and, count, eq, ne } from 'drizzle-orm';
import * as z from 'zod';
import { savedViews } from '../../../db/schema/access.ts';
import { newId } from '../../base/ids.ts';
import { line } from '../../base/text.ts';
import { defineCommand } from '../../shell/command.ts';
import { refused } from '../../shell/errors.ts';
import { type SavedView, VIEW_KEYS } from '../schema.ts';

const VIEWS_MAX = 50;
const saveViewInput = z.strictObject({
  name: line(80),
  query: z.partialRecord(z.enum(VIEW_KEYS), line(200)),
});

/** Keeps the catalogue's filters under a name; the same name again replaces what it held. */
export const saveView = defineCommand('board.save-view', saveViewInput, async ({ tx, actor, now }, input) => {
  const [others] = await tx
    .select({ n: count() })
    .from(savedViews)
    .where(and(eq(savedViews.userId, actor.id), ne(savedViews.name, input.name)));
  if ((others?.n ?? 0) >= VIEWS_MAX)
    throw refused('too_many_views', 'name', `You have ${VIEWS_MAX} saved views: delete one first.`);
  const [row] = await tx
    .insert(savedViews)
    .values({ id: newId(), userId: actor.id, name: input.name, query: input.query, createdAt: now })
    .onConflictDoUpdate({ target: [savedViews.userId, savedViews.name], set: { query: input.query } })
    .returning({ id: savedViews.id });
  const value: SavedView = { id: row!.id, name: input.name, query: input.query };
  return { value, subject: { type: 'view', id: value.id }, before: null, after: value };
});
