import { and, eq, isNull, ne } from 'drizzle-orm';
import { models, modelVersions } from '../../../db/schema/models.ts';
import { defineCommand } from '../../shell/command.ts';
import { AppError, orThrow } from '../../shell/errors.ts';
import { getGuard, getVersion, lockModel } from '../queries.ts';
import { mayChangeStage } from '../rules.ts';
import { type Stage, transitionStageInput } from '../schema.ts';

export const transitionStage = defineCommand(
  'models.transition-stage',
  transitionStageInput,
  async ({ tx, now }, input) => {
    const model = await lockModel(tx, input.name);
    const before = await getVersion(tx, model, input.version);
    if (input.archiveExisting && (input.stage === 'None' || input.stage === 'Archived')) {
      throw new AppError(
        'malformed',
        'archive_needs_active_stage',
        `Model version transition cannot archive existing model versions because '${input.stage}' is not an Active stage. Valid stages are ['Staging', 'Production']`,
      );
    }
    orThrow(mayChangeStage(before.stage as Stage, input.stage, await getGuard(tx, model)));
    const { version, stage } = input;
    const archived = input.archiveExisting
      ? await tx
          .update(modelVersions)
          .set({ stage: 'Archived', updatedAt: now })
          .where(
            and(
              eq(modelVersions.modelId, model.id),
              eq(modelVersions.stage, stage),
              ne(modelVersions.version, version),
              isNull(modelVersions.deletedAt),
            ),
          )
          .returning({ version: modelVersions.version })
      : [];
    await tx
      .update(modelVersions)
      .set({ stage, updatedAt: now })
      .where(and(eq(modelVersions.modelId, model.id), eq(modelVersions.version, version)));
    await tx.update(models).set({ updatedAt: now }).where(eq(models.id, model.id));
    return {
      value: { version, stage },
      subject: { type: 'version', id: `${model.id}/${version}`, model },
      before: { stage: before.stage },
      after: { stage, archived: archived.map((row) => row.version) },
    };
  },
);
