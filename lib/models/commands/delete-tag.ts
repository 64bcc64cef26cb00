import { and, eq } from 'drizzle-orm';
import { modelTags } from '../../../db/schema/models.ts';
import { defineCommand } from '../../shell/command.ts';
import { lockModel } from '../queries.ts';
import { tagDeleted } from '../rules/registry-events.ts';
import { deleteTagInput } from '../schema.ts';

export const deleteTag = defineCommand('models.delete-tag', deleteTagInput, async ({ tx, emit }, input) => {
  const model = await lockModel(tx, input.name);
  const [held] = await tx
    .delete(modelTags)
    .where(and(eq(modelTags.modelId, model.id), eq(modelTags.key, input.key)))
    .returning();
  if (!held) return { value: {}, unchanged: true };
  emit(...tagDeleted(model, input.key));
  return {
    value: {},
    subject: { type: 'model', id: model.id, model },
    before: { [input.key]: held.value },
    after: null,
  };
});
