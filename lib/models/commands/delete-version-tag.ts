import { and, eq } from 'drizzle-orm';
import { versionTags } from '../../../db/schema/models.ts';
import { defineCommand } from '../../shell/command.ts';
import { getVersion, lockModel } from '../queries.ts';
import { versionTagDeleted } from '../rules/registry-events.ts';
import { deleteVersionTagInput } from '../schema.ts';

export const deleteVersionTag = defineCommand(
  'models.delete-version-tag',
  deleteVersionTagInput,
  async ({ tx, emit }, input) => {
    const model = await lockModel(tx, input.name);
    await getVersion(tx, model, input.version);
    const [held] = await tx
      .delete(versionTags)
      .where(
        and(eq(versionTags.modelId, model.id), eq(versionTags.version, input.version), eq(versionTags.key, input.key)),
      )
      .returning();
    if (!held) return { value: {}, unchanged: true };
    emit(versionTagDeleted(model, input));
    return {
      value: {},
      subject: { type: 'version', id: `${model.id}/${input.version}`, model },
      before: { [input.key]: held.value },
      after: null,
    };
  },
);
