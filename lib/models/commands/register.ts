import { inserting } from '../../../db/client.ts';
import { models, modelTags } from '../../../db/schema/models.ts';
import { newId } from '../../base/ids.ts';
import { defineCommand } from '../../shell/command.ts';
import { AppError } from '../../shell/errors.ts';
import { modelView } from '../queries.ts';
import { modelCreated } from '../rules/registry-events.ts';
import { registerModelInput } from '../schema.ts';

const insertModel = inserting(models, 'on conflict do nothing');

export const registerModel = defineCommand(
  'models.register',
  registerModelInput,
  async ({ tx, emit, actor, now }, input) => {
    const model = {
      id: newId(),
      name: input.name,
      title: input.title ?? null,
      description: input.description ?? null,
      domain: input.domain ?? null,
      useCase: input.useCase ?? null,
      tier: input.tier ?? null,
      ownerProduct: input.owners?.product ?? null,
      ownerData: input.owners?.data ?? null,
      ownerOps: input.owners?.ops ?? null,
      lastVersion: 0,
      demo: false,
      version: 1,
      createdBy: actor.name,
      createdAt: now,
      updatedAt: now,
    };
    if (!(await insertModel(tx, model))) {
      const message = `Registered Model (name=${input.name}) already exists.`;
      throw new AppError('conflict', 'model_exists', message, [{ path: 'name', code: 'model_exists', message }]);
    }
    const tags = Object.entries(input.tags ?? {});
    if (tags.length > 0)
      await tx.insert(modelTags).values(tags.map(([key, value]) => ({ modelId: model.id, key, value })));
    // Nothing else can hang on a model that did not exist a moment ago.
    const value = modelView(model, input.tags ?? {}, {});
    const { title, description, domain, useCase, tier, owners } = value;
    emit(modelCreated(model.name, input.tags ?? {}, input.description));
    return {
      value,
      subject: { type: 'model', id: model.id, model },
      before: null,
      after: { name: model.name, title, description, domain, useCase, tier, owners, tags: value.tags },
    };
  },
);
