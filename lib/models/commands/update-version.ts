import { and, eq } from 'drizzle-orm';
import { modelVersions } from '../../../db/schema/models.ts';
import { defineCommand } from '../../shell/command.ts';
import { getVersion, lockModel, viewVersions } from '../queries.ts';
import { updateVersionInput } from '../schema.ts';

export const updateVersion = defineCommand('models.update-version', updateVersionInput, async ({ tx, now }, input) => {
  const model = await lockModel(tx, input.name);
  const before = await getVersion(tx, model, input.version);
  const [after] = await tx
    .update(modelVersions)
    .set({ description: input.description, updatedAt: now })
    .where(and(eq(modelVersions.modelId, model.id), eq(modelVersions.version, input.version)))
    .returning();
  return {
    value: (await viewVersions(tx, model.id, [after!]))[0]!,
    subject: { type: 'version', id: `${model.id}/${input.version}`, model },
    before: { description: before.description },
    after: { description: input.description },
  };
});
