import { statement } from '../../../db/client.ts';
import { piece } from '../../../db/sql-pieces.ts';
import { defineCommand } from '../../shell/command.ts';
import { lockModel, versionNotFound } from '../queries.ts';
import { versionTagSet } from '../rules/registry-events.ts';
import { setVersionTagInput } from '../schema.ts';

const heldTag = statement<{ value: string | null }>(
  `select t.value from models m join model_versions v on v.model_id = m.id and v.version = $2::integer and v.deleted_at is null
    left join version_tags t on t.model_id = m.id and t.version = v.version and t.key = $3 where m.name = $1`,
);
const PUT_TAG = `insert into version_tags (model_id, version, key, value)
  select ?::uuid, ?::integer, ?::text, ?::text from head
  on conflict (model_id, version, key) do update set value = excluded.value`;

export const setVersionTag = defineCommand(
  'models.set-version-tag',
  setVersionTagInput,
  async ({ tx, emit }, input) => {
    const { name, version, key, value } = input;
    const [model, [held]] = await Promise.all([lockModel(tx, name), heldTag(tx, [name, version, key])]);
    if (!held) throw versionNotFound(model, version);
    emit(versionTagSet(model, { version, key, value }));
    return {
      value: { key, value },
      subject: { type: 'version', id: `${model.id}/${version}`, model },
      before: held.value === null ? null : { [key]: held.value },
      after: { [key]: value },
      writes: [piece(PUT_TAG, model.id, version, key, value)],
    };
  },
);
