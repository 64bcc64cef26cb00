import { and, eq } from 'drizzle-orm';
import * as z from 'zod';
import { savedViews } from '../../../db/schema/access.ts';
import { defineCommand } from '../../shell/command.ts';
import { notFound } from '../../shell/errors.ts';

const deleteViewInput = z.strictObject({ id: z.uuid() });

/** Deletes a saved view of one's own. */
export const deleteView = defineCommand('board.delete-view', deleteViewInput, async ({ tx, actor }, input) => {
  const [gone] = await tx
    .delete(savedViews)
    .where(and(eq(savedViews.id, input.id), eq(savedViews.userId, actor.id)))
    .returning({ name: savedViews.name, query: savedViews.query });
  if (!gone) throw notFound('view', input.id);
  return { value: { deleted: true }, subject: { type: 'view', id: input.id }, before: gone, after: null };
});
