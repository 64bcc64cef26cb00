import { and, eq } from 'drizzle-orm';
import { modelAliases, models, modelVersions } from '../../../db/schema/models.ts';
import { defineCommand } from '../../shell/command.ts';
import { assertUnused, getVersion, lockModel } from '../queries.ts';
import { versionInput } from '../schema.ts';

/** Soft: the number is never given again. Aliases go with it, so that none is left pointing nowhere. */
export const deleteVersion = defineCommand('models.delete-version', versionInput, async ({ tx, now }, input) => {
  const model = await lockModel(tx, input.name);
  const before = await getVersion(tx, model, input.version);
  await assertUnused(tx, model.id, input.version);
  const at = and(eq(modelVersions.modelId, model.id), eq(modelVersions.version, input.version));
  await tx.update(modelVersions).set({ deletedAt: now, updatedAt: now, stage: 'Deleted_Internal' }).where(at);
  const aliases = await tx
    .delete(modelAliases)
    .where(and(eq(modelAliases.modelId, model.id), eq(modelAliases.version, input.version)))
    .returning();
  await tx.update(models).set({ updatedAt: now }).where(eq(models.id, model.id));
  return {
    value: { deleted: true },
    subject: { type: 'version', id: `${model.id}/${input.version}`, model },
    before: { source: before.source, stage: before.stage, aliases: aliases.map((row) => row.alias) },
    after: null,
  };
});
