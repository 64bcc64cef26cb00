import { eq } from 'drizzle-orm';
import { kpis, kpiVersions } from '../../../db/schema/kpis.ts';
import { defineCommand } from '../../shell/command.ts';
import { AppError, orThrow } from '../../shell/errors.ts';
import { getContract, getKpi, lockKpi } from '../queries.ts';
import { changeDirection, maySetGoal, readContract } from '../rules.ts';
import { updateKpiInput } from '../schema.ts';

const NESTED = ['limits', 'rule', 'minSamples'] as const;

/** A new immutable version from the changed fields; incidents that are open keep the version that raised them. */
export const updateKpi = defineCommand('kpis.update', updateKpiInput, async ({ tx, actor, now }, input) => {
  const { kpi, model } = await lockKpi(tx, input.id);
  if (kpi.version !== input.expectedVersion) {
    throw new AppError('stale', 'version_moved', 'Somebody saved this goal after you read it.', [], {
      current: await getKpi(tx, kpi.id),
    });
  }
  const before = await getContract(tx, kpi.id, kpi.version);
  const next: Record<string, unknown> = { ...before, ...input.changes };
  for (const key of NESTED) {
    const changed = input.changes[key];
    if (typeof changed === 'object' && changed !== null) next[key] = merged(before[key], changed);
  }
  const after = orThrow(readContract(next));
  for (const kind of [before.kind, after.kind]) {
    orThrow(maySetGoal(actor, kind));
  }
  const version = kpi.version + 1;
  await tx.insert(kpiVersions).values({
    kpiId: kpi.id,
    version,
    contract: after,
    direction: changeDirection(before, after),
    reason: input.reason,
    createdBy: actor.id,
    createdByName: actor.name,
    createdAt: now,
  });
  await tx.update(kpis).set({ version, name: after.name }).where(eq(kpis.id, kpi.id));
  return {
    value: await getKpi(tx, kpi.id),
    subject: { type: 'kpi', id: kpi.id, model },
    before,
    after,
    reason: input.reason,
    jobs: [{ name: 'evaluate', data: { model: model.id } }],
  };
});

/** One level of a JSON merge patch (RFC 7396): what is given replaces, null takes away. */
const merged = (held: object, changed: object): object =>
  Object.fromEntries(Object.entries({ ...held, ...changed }).filter(([, value]) => value !== null));
