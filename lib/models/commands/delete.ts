import { eq } from 'drizzle-orm';
import { models } from '../../../db/schema/models.ts';
import { defineCommand } from '../../shell/command.ts';
import { conflict } from '../../shell/errors.ts';
import { getGuard, lockModel } from '../queries.ts';
import { deleteModelInput } from '../schema.ts';

/** Removes a model with all that hangs on it, save its audit trail. What has served is kept as a record. */
export const deleteModel = defineCommand('models.delete', deleteModelInput, async ({ tx }, input) => {
  const model = await lockModel(tx, input.name);
  const guard = await getGuard(tx, model);
  if (guard.everServed && !model.demo)
    throw conflict('model_has_served', 'This model has served: its record must stay.');
  await tx.delete(models).where(eq(models.id, model.id));
  return {
    value: { deleted: true },
    subject: { type: 'model', id: model.id, model },
    before: { name: model.name, versions: model.lastVersion },
    after: null,
  };
});
