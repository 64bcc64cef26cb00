import { and, eq } from 'drizzle-orm';
import { modelAliases } from '../../../db/schema/models.ts';
import { defineCommand } from '../../shell/command.ts';
import { orThrow } from '../../shell/errors.ts';
import { getGuard, lockModel } from '../queries.ts';
import { aliasDeleted } from '../rules/registry-events.ts';
import { mayMoveAlias } from '../rules.ts';
import { deleteAliasInput } from '../schema.ts';

export const deleteAlias = defineCommand('models.delete-alias', deleteAliasInput, async ({ tx, emit }, input) => {
  const model = await lockModel(tx, input.name);
  const at = and(eq(modelAliases.modelId, model.id), eq(modelAliases.alias, input.alias));
  const [held] = await tx.select().from(modelAliases).where(at);
  if (!held) return { value: {}, unchanged: true };
  orThrow(mayMoveAlias(input.alias, await getGuard(tx, model)));
  await tx.delete(modelAliases).where(at);
  emit(aliasDeleted(model, input.alias));
  return {
    value: {},
    subject: { type: 'alias', id: `${model.id}/${input.alias}`, model },
    before: { version: held.version },
    after: null,
  };
});
