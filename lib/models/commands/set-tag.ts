import { statement } from '../../../db/client.ts';
import { defineCommand } from '../../shell/command.ts';
import { lockModel } from '../queries.ts';
import { tagSet } from '../rules/registry-events.ts';
import { setTagInput } from '../schema.ts';

const heldTag = statement<{ value: string }>('select value from model_tags where model_id = $1::uuid and key = $2');
const putTag = statement(`insert into model_tags (model_id, key, value) values ($1::uuid, $2, $3)
  on conflict (model_id, key) do update set value = excluded.value`);

export const setTag = defineCommand('models.set-tag', setTagInput, async ({ tx, emit }, input) => {
  const model = await lockModel(tx, input.name);
  // Sent together: the transaction's one connection does them in this order.
  const [[held]] = await Promise.all([
    heldTag(tx, [model.id, input.key]),
    putTag(tx, [model.id, input.key, input.value]),
  ]);
  emit(...tagSet(model, input.key, input.value));
  return {
    value: { key: input.key, value: input.value },
    subject: { type: 'model', id: model.id, model },
    before: held ? { [input.key]: held.value } : null,
    after: { [input.key]: input.value },
  };
});
