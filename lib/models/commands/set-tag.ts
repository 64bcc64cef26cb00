import { and, eq } from 'drizzle-orm';
import { modelTags } from '../../../db/schema/models.ts';
import { defineCommand } from '../../shell/command.ts';
import { lockModel } from '../queries.ts';
import { tagSet } from '../rules/registry-events.ts';
import { setTagInput } from '../schema.ts';

export const setTag = defineCommand('models.set-tag', setTagInput, async ({ tx, emit }, input) => {
  const model = await lockModel(tx, input.name);
  // Sent together: the transaction's one connection does them in this order.
  const [[held]] = await Promise.all([
    tx
      .select()
      .from(modelTags)
      .where(and(eq(modelTags.modelId, model.id), eq(modelTags.key, input.key))),
    tx
      .insert(modelTags)
      .values({ modelId: model.id, key: input.key, value: input.value })
      .onConflictDoUpdate({ target: [modelTags.modelId, modelTags.key], set: { value: input.value } }),
  ]);
  emit(...tagSet(model, input.key, input.value));
  return {
    value: { key: input.key, value: input.value },
    subject: { type: 'model', id: model.id, model },
    before: held ? { [input.key]: held.value } : null,
    after: { [input.key]: input.value },
  };
});
