import { kpis, kpiVersions } from '../../../db/schema/kpis.ts';
import { newId } from '../../base/ids.ts';
import { lockModel } from '../../models/queries.ts';
import { defineCommand } from '../../shell/command.ts';
import { conflict, orThrow } from '../../shell/errors.ts';
import { getKpi } from '../queries.ts';
import { maySetGoal, readContract } from '../rules.ts';
import { createKpiInput } from '../schema.ts';

export const createKpi = defineCommand('kpis.create', createKpiInput, async ({ tx, actor, now }, input) => {
  const contract = orThrow(readContract(input.contract));
  orThrow(maySetGoal(actor, contract.kind));
  const model = await lockModel(tx, input.model);
  const id = newId();
  const [row] = await tx
    .insert(kpis)
    .values({ id, modelId: model.id, name: contract.name, version: 1, createdAt: now })
    .onConflictDoNothing()
    .returning();
  if (!row) throw conflict('kpi_exists', `This model has a goal named ${contract.name} already.`);
  await tx.insert(kpiVersions).values({
    kpiId: id,
    version: 1,
    contract,
    direction: 'created',
    reason: input.reason,
    createdBy: actor.id,
    createdByName: actor.name,
    createdAt: now,
  });
  return {
    value: await getKpi(tx, id),
    subject: { type: 'kpi', id, model },
    before: null,
    after: contract,
    reason: input.reason,
    jobs: [{ name: 'evaluate', data: { model: model.id } }],
  };
});
