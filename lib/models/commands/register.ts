import { models } from '../../../db/schema/models.ts';
import { piece, rowInto } from '../../../db/sql-pieces.ts';
import { newId } from '../../base/ids.ts';
import { defineAtOnce } from '../../shell/command.ts';
import { AppError } from '../../shell/errors.ts';
import { modelView } from '../queries.ts';
import { modelCreated } from '../rules/registry-events.ts';
import { registerModelInput } from '../schema.ts';

const insertModel = rowInto(models, 'on conflict do nothing returning 1');
const INSERT_TAGS = `insert into model_tags (model_id, key, value)
  select ?::uuid, given.key, given.value from head, unnest(?::text[], ?::text[]) as given (key, value)`;

export const registerModel = defineAtOnce(
  'models.register',
  registerModelInput,
  async ({ emit, actor, now }, input) => {
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
    // Nothing else can hang on a model that did not exist a moment ago.
    const value = modelView(model, input.tags ?? {}, {});
    const keys = Object.keys(value.tags);
    const { title, description, domain, useCase, tier, owners } = value;
    emit(modelCreated(model.name, input.tags ?? {}, input.description));
    return {
      value,
      subject: { type: 'model', id: model.id, model },
      before: null,
      after: { name: model.name, title, description, domain, useCase, tier, owners, tags: value.tags },
      claim: { write: insertModel(model), refusal: () => nameTaken(input.name) },
      writes: keys.length > 0 ? [piece(INSERT_TAGS, model.id, keys, Object.values(value.tags))] : [],
    };
  },
);

function nameTaken(name: string): AppError {
  const message = `Registered Model (name=${name}) already exists.`;
  return new AppError('conflict', 'model_exists', message, [{ path: 'name', code: 'model_exists', message }]);
}
