import { statement } from '../../../db/client.ts';
import { piece } from '../../../db/sql-pieces.ts';
import { defineCommand } from '../../shell/command.ts';
import { orThrow } from '../../shell/errors.ts';
import { guardFrom, lockModel, SERVING, type Serving, versionNotFound } from '../queries.ts';
import { aliasSet } from '../rules/registry-events.ts';
import { mayMoveAlias } from '../rules.ts';
import { setAliasInput } from '../schema.ts';

type Standing = Serving & { there: boolean; held: number | null };
const standingOf = statement<Standing>(`select ${SERVING},
  exists (select 1 from model_versions v where v.model_id = m.id and v.version = $3::integer and v.deleted_at is null) as there,
  (select a.version from model_aliases a where a.model_id = m.id and a.alias = $2) as held from models m where m.name = $1`);
const PUT_ALIAS = `insert into model_aliases (model_id, alias, version) select ?::uuid, ?::text, ?::integer from head
  on conflict (model_id, alias) do update set version = excluded.version`;

export const setAlias = defineCommand('models.set-alias', setAliasInput, async ({ tx, emit }, input) => {
  const { name, alias, version } = input;
  const [model, [standing]] = await Promise.all([lockModel(tx, name), standingOf(tx, [name, alias, version])]);
  if (!standing?.there) throw versionNotFound(model, version);
  const { held } = standing;
  orThrow(mayMoveAlias(alias, guardFrom(model, standing)));
  if (held === version) return { value: { alias, version }, unchanged: true };
  emit(aliasSet(model, alias, version));
  return {
    value: { alias, version },
    subject: { type: 'alias', id: `${model.id}/${alias}`, model },
    before: held === null ? null : { version: held },
    after: { version },
    writes: [piece(PUT_ALIAS, model.id, alias, version)],
  };
});
