import { eq } from 'drizzle-orm';
import { models } from '../../../db/schema/models.ts';
import { defineCommand } from '../../shell/command.ts';
import { AppError, orThrow } from '../../shell/errors.ts';
import { findModel, getGuard, lockModel, viewModel } from '../queries.ts';
import { mayRename } from '../rules.ts';
import { renameModelInput } from '../schema.ts';

/** The name is a label and never a key: links, requests and the audit trail follow the model. */
export const renameModel = defineCommand('models.rename', renameModelInput, async ({ tx, actor, now }, input) => {
  const before = await lockModel(tx, input.name);
  if (input.newName === input.name) return { value: await viewModel(tx, before), unchanged: true };
  orThrow(mayRename(await getGuard(tx, before), actor.roles));
  if (await findModel(tx, input.newName)) {
    throw new AppError('conflict', 'model_exists', `Registered Model (name=${input.newName}) already exists.`);
  }
  const [after] = await tx
    .update(models)
    .set({ name: input.newName, version: before.version + 1, updatedAt: now })
    .where(eq(models.id, before.id))
    .returning();
  return {
    value: await viewModel(tx, after!),
    subject: { type: 'model', id: before.id, model: after! },
    before: { name: before.name },
    after: { name: input.newName },
  };
});
