import { eq } from 'drizzle-orm';
import * as z from 'zod';
import { workspace } from '../../../db/schema/access.ts';
import { models } from '../../../db/schema/models.ts';
import { defineCommand } from '../../shell/command.ts';

/**
 * Removes the sample data in one act. The demo accounts stay until they are disabled: whoever removes the data is
 * usually signed in as one of them.
 */
export const removeDemo = defineCommand('board.remove-demo', z.strictObject({}), async ({ tx }) => {
  // In the order in which a search's refresh locks them: else each could wait for the other.
  await tx.select({ id: models.id }).from(models).where(eq(models.demo, true)).orderBy(models.id).for('update');
  const removed = await tx.delete(models).where(eq(models.demo, true)).returning({ name: models.name });
  await tx.update(workspace).set({ demoLoadedAt: null, extra: { demoRemoved: true } });
  if (removed.length === 0) return { value: { removed: 0 }, unchanged: true };
  return {
    value: { removed: removed.length },
    subject: { type: 'workspace', id: 'demo' },
    before: { models: removed.map((row) => row.name) },
    after: null,
  };
});
