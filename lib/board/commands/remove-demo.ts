import { eq, type SQL } from 'drizzle-orm';
import * as z from 'zod';
import type { Db } from '../../../db/client.ts';
import { workspace } from '../../../db/schema/access.ts';
import { models } from '../../../db/schema/models.ts';
import { lockWithFiles } from '../../models/queries.ts';
import { defineCommand, type Outcome } from '../../shell/command.ts';

/**
 * Removes the sample data in one act. The demo accounts stay until they are disabled: whoever removes the data is
 * usually signed in as one of them.
 */
export const removeDemo = defineCommand('board.remove-demo', z.strictObject({}), async ({ tx }) => {
  const outcome = await removeModels(tx, eq(models.demo, true));
  await tx.update(workspace).set({ demoLoadedAt: null, extra: { demoRemoved: true } });
  return outcome;
});

/** Deletes models of the sample data, with all that hangs on them and their files. */
export async function removeModels(tx: Db, which: SQL | undefined): Promise<Outcome<{ removed: number }>> {
  const jobs = await lockWithFiles(tx, which);
  const removed = await tx.delete(models).where(which).returning({ name: models.name });
  if (removed.length === 0) return { value: { removed: 0 }, unchanged: true };
  return {
    value: { removed: removed.length },
    subject: { type: 'workspace', id: 'demo' },
    before: { models: removed.map((row) => row.name) },
    after: null,
    jobs,
  };
}
