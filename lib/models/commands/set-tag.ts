import { statement } from '../../../db/client.ts';
import { piece } from '../../../db/sql-pieces.ts';
import { defineCommand } from '../../shell/command.ts';
import { lockModel } from '../queries.ts';
import { tagSet } from '../rules/registry-events.ts';
import { setTagInput } from '../schema.ts';

const heldTag = statement<{ value: string }>(
  'select t.value from models m join model_tags t on t.model_id = m.id and t.key = $2 where m.name = $1',
);
const PUT_TAG = `insert into model_tags (model_id, key, value) select ?::uuid, ?::text, ?::text from head
  on conflict (model_id, key) do update set value = excluded.value`;

export const setTag = defineCommand('models.set-tag', setTagInput, async ({ tx, emit }, input) => {
  const [model, [held]] = await Promise.all([lockModel(tx, input.name), heldTag(tx, [input.name, input.key])]);
  emit(...tagSet(model, input.key, input.value));
  return {
    value: { key: input.key, value: input.value },
    subject: { type: 'model', id: model.id, model },
    before: held ? { [input.key]: held.value } : null,
    after: { [input.key]: input.value },
    writes: [piece(PUT_TAG, model.id, input.key, input.value)],
  };
});
