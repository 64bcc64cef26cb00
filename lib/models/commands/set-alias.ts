import { and, eq } from 'drizzle-orm';
import { modelAliases } from '../../../db/schema/models.ts';
import { defineCommand } from '../../shell/command.ts';
import { orThrow } from '../../shell/errors.ts';
import { getGuard, getVersion, lockModel } from '../queries.ts';
import { aliasSet } from '../rules/registry-events.ts';
import { mayMoveAlias } from '../rules.ts';
import { setAliasInput } from '../schema.ts';

export const setAlias = defineCommand('models.set-alias', setAliasInput, async ({ tx, emit }, input) => {
  const model = await lockModel(tx, input.name);
  const { alias, version } = input;
  // Sent together: each round trip is time under the model's lock.
  const [, guard, [held]] = await Promise.all([
    getVersion(tx, model, version),
    getGuard(tx, model),
    tx
      .select()
      .from(modelAliases)
      .where(and(eq(modelAliases.modelId, model.id), eq(modelAliases.alias, alias))),
  ]);
  orThrow(mayMoveAlias(alias, guard));
  if (held?.version === version) return { value: { alias, version }, unchanged: true };
  await tx
    .insert(modelAliases)
    .values({ modelId: model.id, alias, version })
    .onConflictDoUpdate({ target: [modelAliases.modelId, modelAliases.alias], set: { version } });
  emit(aliasSet(model, alias, version));
  return {
    value: { alias, version },
    subject: { type: 'alias', id: `${model.id}/${alias}`, model },
    before: held ? { version: held.version } : null,
    after: { version },
  };
});
