import { eq } from 'drizzle-orm';
import { models } from '../../../db/schema/models.ts';
import { defineCommand } from '../../shell/command.ts';
import { assertUnused, lockModel, lockWithFiles } from '../queries.ts';
import { deleteModelInput } from '../schema.ts';

/** Removes a model with all that hangs on it and the files that were sent of it, save its audit trail. What has served is kept as a record. */
export const deleteModel = defineCommand('models.delete', deleteModelInput, async ({ tx }, input) => {
  const model = await lockModel(tx, input.name);
  if (!model.demo) await assertUnused(tx, model.id);
  const jobs = await lockWithFiles(tx, eq(models.id, model.id));
  await tx.delete(models).where(eq(models.id, model.id));
  return {
    value: { deleted: true },
    subject: { type: 'model', id: model.id, model },
    before: { name: model.name, versions: model.lastVersion },
    after: null,
    jobs,
  };
});
