import { eq } from 'drizzle-orm';
import { kpis } from '../../../db/schema/kpis.ts';
import { defineCommand } from '../../shell/command.ts';
import { AppError, orThrow } from '../../shell/errors.ts';
import { getContract, lockKpi } from '../queries.ts';
import { maySetGoal } from '../rules.ts';
import { deleteKpiInput } from '../schema.ts';

/** Retires a goal. Its versions, its series and its open incident stay. */
export const deleteKpi = defineCommand('kpis.delete', deleteKpiInput, async ({ tx, actor, now }, input) => {
  const { kpi, model } = await lockKpi(tx, input.id);
  if (kpi.version !== input.expectedVersion)
    throw new AppError('stale', 'version_moved', 'Somebody saved this goal after you read it.');
  const contract = await getContract(tx, kpi.id, kpi.version);
  orThrow(maySetGoal(actor, contract.kind));
  await tx.update(kpis).set({ deletedAt: now }).where(eq(kpis.id, kpi.id));
  return {
    value: { deleted: true },
    subject: { type: 'kpi', id: kpi.id, model },
    before: contract,
    after: null,
    reason: input.reason,
  };
});
