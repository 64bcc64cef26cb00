import { and, eq } from 'drizzle-orm';
import { versionTags } from '../../../db/schema/models.ts';
import { defineCommand } from '../../shell/command.ts';
import { getVersion, lockModel } from '../queries.ts';
import { versionTagSet } from '../rules/registry-events.ts';
import { setVersionTagInput } from '../schema.ts';

export const setVersionTag = defineCommand(
  'models.set-version-tag',
  setVersionTagInput,
  async ({ tx, emit }, input) => {
    const model = await lockModel(tx, input.name);
    await getVersion(tx, model, input.version);
    const { version, key, value } = input;
    const at = and(eq(versionTags.modelId, model.id), eq(versionTags.version, version), eq(versionTags.key, key));
    const [held] = await tx.select().from(versionTags).where(at);
    await tx
      .insert(versionTags)
      .values({ modelId: model.id, version, key, value })
      .onConflictDoUpdate({ target: [versionTags.modelId, versionTags.version, versionTags.key], set: { value } });
    emit(versionTagSet(model, { version, key, value }));
    return {
      value: { key, value },
      subject: { type: 'version', id: `${model.id}/${version}`, model },
      before: held ? { [key]: held.value } : null,
      after: { [key]: value },
    };
  },
);
