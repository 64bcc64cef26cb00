import { statement } from '../../../db/client.ts';
import { defineCommand } from '../../shell/command.ts';
import { orThrow } from '../../shell/errors.ts';
import { getGuard, getVersion, lockModel } from '../queries.ts';
import { aliasSet } from '../rules/registry-events.ts';
import { mayMoveAlias } from '../rules.ts';
import { setAliasInput } from '../schema.ts';

const heldAlias = statement<{ version: number }>(
  'select version from model_aliases where model_id = $1::uuid and alias = $2',
);
const putAlias = statement(`insert into model_aliases (model_id, alias, version) values ($1::uuid, $2, $3::integer)
  on conflict (model_id, alias) do update set version = excluded.version`);

export const setAlias = defineCommand('models.set-alias', setAliasInput, async ({ tx, emit }, input) => {
  const model = await lockModel(tx, input.name);
  const { alias, version } = input;
  // Sent together: each round trip is time under the model's lock.
  const [, guard, [held]] = await Promise.all([
    getVersion(tx, model, version),
    getGuard(tx, model),
    heldAlias(tx, [model.id, alias]),
  ]);
  orThrow(mayMoveAlias(alias, guard));
  if (held?.version === version) return { value: { alias, version }, unchanged: true };
  await putAlias(tx, [model.id, alias, version]);
  emit(aliasSet(model, alias, version));
  return {
    value: { alias, version },
    subject: { type: 'alias', id: `${model.id}/${alias}`, model },
    before: held ? { version: held.version } : null,
    after: { version },
  };
});
