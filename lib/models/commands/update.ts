import { eq } from 'drizzle-orm';
import { models } from '../../../db/schema/models.ts';
import { defineCommand } from '../../shell/command.ts';
import { AppError, orThrow } from '../../shell/errors.ts';
import { lockModel, type ModelRow, viewModel } from '../queries.ts';
import { mayChangeTier } from '../rules.ts';
import { type Tier, updateModelInput } from '../schema.ts';

/** Changes what is said about a model. Absent fields stay, null clears. */
export const updateModel = defineCommand('models.update', updateModelInput, async ({ tx, actor, now }, input) => {
  const before = await lockModel(tx, input.name);
  if (input.expectedVersion !== undefined && input.expectedVersion !== before.version) {
    throw new AppError('stale', 'version_moved', 'Somebody changed this model after you read it.', [], {
      current: await viewModel(tx, before),
    });
  }
  const held = before.tier as Tier | null;
  if (input.tier !== undefined) orThrow(mayChangeTier(held, input.tier, actor.roles));
  const keep = <T>(next: T | undefined, present: T): T => (next === undefined ? present : next);
  const next = {
    title: keep(input.title, before.title),
    description: keep(input.description, before.description),
    domain: keep(input.domain, before.domain),
    useCase: keep(input.useCase, before.useCase),
    tier: keep(input.tier, held),
    ownerProduct: keep(input.owners?.product, before.ownerProduct),
    ownerData: keep(input.owners?.data, before.ownerData),
    ownerOps: keep(input.owners?.ops, before.ownerOps),
  };
  const [after] = await tx
    .update(models)
    .set({ ...next, version: before.version + 1, updatedAt: now })
    .where(eq(models.id, before.id))
    .returning();
  const facts = ({ title, description, domain, useCase, tier, ownerProduct, ownerData, ownerOps }: ModelRow) => ({
    title,
    description,
    domain,
    useCase,
    tier,
    ownerProduct,
    ownerData,
    ownerOps,
  });
  return {
    value: await viewModel(tx, after!),
    subject: { type: 'model', id: before.id, model: before },
    before: facts(before),
    after: facts(after!),
  };
});
