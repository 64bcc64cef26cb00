import { statement } from '../../../db/client.ts';
import { defineCommand } from '../../shell/command.ts';
import { getVersion, lockModel } from '../queries.ts';
import { versionTagSet } from '../rules/registry-events.ts';
import { setVersionTagInput } from '../schema.ts';

const heldTag = statement<{ value: string }>(
  'select value from version_tags where model_id = $1::uuid and version = $2::integer and key = $3',
);
const putTag =
  statement(`insert into version_tags (model_id, version, key, value) values ($1::uuid, $2::integer, $3, $4)
  on conflict (model_id, version, key) do update set value = excluded.value`);

export const setVersionTag = defineCommand(
  'models.set-version-tag',
  setVersionTagInput,
  async ({ tx, emit }, input) => {
    const model = await lockModel(tx, input.name);
    const { version, key, value } = input;
    // Sent together: each round trip is time under the model's lock. A version that is not there undoes the rest.
    const [, [held]] = await Promise.all([
      getVersion(tx, model, version),
      heldTag(tx, [model.id, version, key]),
      putTag(tx, [model.id, version, key, value]),
    ]);
    emit(versionTagSet(model, { version, key, value }));
    return {
      value: { key, value },
      subject: { type: 'version', id: `${model.id}/${version}`, model },
      before: held ? { [key]: held.value } : null,
      after: { [key]: value },
    };
  },
);
