import { and, eq, isNull, sql } from 'drizzle-orm';
import { outbox } from '../../../db/schema/audit.ts';
import { incidents, kpiPoints, kpis } from '../../../db/schema/kpis.ts';
import { listMetricSeries } from '../../drift/queries/series.ts';
import { getContract } from '../../kpis/queries.ts';
import { evaluate as judge } from '../../kpis/rules.ts';
import type { Contract, EvaluatedPoint } from '../../kpis/schema.ts';
import { lockModelById } from '../../models/queries.ts';
import { defineCommand } from '../../shell/command.ts';
import { findOpenIncident, findSettledStart } from '../queries.ts';
import { consequence } from '../rules.ts';
import { evaluateInput, type IncidentState } from '../schema.ts';

/** Judges a model's goals on what is known now. The trail tells of incidents that open or recover; the figures tell themselves. */
export const evaluate = defineCommand('incidents.evaluate', evaluateInput, async ({ tx, now }, input) => {
  const model = await lockModelById(tx, input.model);
  if (!model) return { value: { events: [] }, unchanged: true };
  const goals = await tx
    .select()
    .from(kpis)
    .where(and(eq(kpis.modelId, model.id), isNull(kpis.deletedAt)));
  const events: { incident: number; kpi: string; became: string; value: number }[] = [];
  for (const goal of goals) {
    const contract = await getContract(tx, goal.id, goal.version);
    const series = await listMetricSeries(tx, model.id, contract.metric, contract.window);
    const { points, transitions } = judge(series, contract);
    await keepPoints(tx, goal.id, goal.version, points, now);
    const held = await findOpenIncident(tx, goal.id);
    // An open incident is judged by the rule that raised it: an edit never resolves, resets or deletes one.
    const own =
      held && held.kpiVersion !== goal.version
        ? judge(series, await getContract(tx, goal.id, held.kpiVersion)).transitions
        : transitions;
    const settled = held ? undefined : await findSettledStart(tx, goal.id);
    const next = consequence(
      own,
      held && { state: held.state as IncidentState, windowStart: held.windowStart },
      settled,
    );
    if (next.do === 'nothing') continue;
    const id = await apply(tx, next, { held, goal, contract, now });
    events.push({ incident: id, kpi: contract.name, became: next.do, value: next.at.value });
  }
  if (events.length === 0) {
    await tx
      .insert(outbox)
      .values({ at: now, key: 'kpis.evaluated', subjectType: 'model', subjectId: model.id, model: model.name });
    return { value: { events }, unchanged: true };
  }
  return {
    value: { events },
    subject: { type: 'incident', id: events.map((event) => event.incident).join(','), model },
    before: null,
    after: events,
  };
});

type Tx = Parameters<typeof findOpenIncident>[0];

/** Points of the past keep the limits they were judged by, unless their figure changed; the last one is judged by today's. */
async function keepPoints(
  tx: Tx,
  kpiId: string,
  kpiVersion: number,
  points: EvaluatedPoint[],
  now: Date,
): Promise<void> {
  const rows = points.map(({ at, value, lo, hi, n, positives, state }) => ({
    kpiId,
    at: new Date(at),
    kpiVersion,
    value,
    lo,
    hi,
    n,
    positives,
    state,
    evaluatedAt: now,
  }));
  const last = rows.at(-1)?.at ?? now;
  for (let from = 0; from < rows.length; from += 500) {
    await tx
      .insert(kpiPoints)
      .values(rows.slice(from, from + 500))
      .onConflictDoUpdate({
        target: [kpiPoints.kpiId, kpiPoints.at],
        set: {
          kpiVersion: sql`excluded.kpi_version`,
          value: sql`excluded.value`,
          lo: sql`excluded.lo`,
          hi: sql`excluded.hi`,
          n: sql`excluded.n`,
          positives: sql`excluded.positives`,
          state: sql`excluded.state`,
          evaluatedAt: sql`excluded.evaluated_at`,
        },
        // What is as it was is not written again: nearly all of a year is, each time.
        setWhere: sql`(${kpiPoints.value} is distinct from excluded.value or ${kpiPoints.n} <> excluded.n
            or ${kpiPoints.at} = ${last.toISOString()}::timestamptz or ${kpiPoints.kpiVersion} = excluded.kpi_version)
          and (${kpiPoints.kpiVersion}, ${kpiPoints.value}, ${kpiPoints.lo}, ${kpiPoints.hi}, ${kpiPoints.n}, ${kpiPoints.positives}, ${kpiPoints.state})
            is distinct from (excluded.kpi_version, excluded.value, excluded.lo, excluded.hi, excluded.n, excluded.positives, excluded.state)`,
      });
  }
}

type Situation = {
  held: typeof incidents.$inferSelect | undefined;
  goal: typeof kpis.$inferSelect;
  contract: Contract;
  now: Date;
};

async function apply(
  tx: Tx,
  next: Exclude<ReturnType<typeof consequence>, { do: 'nothing' }>,
  { held, goal, contract, now }: Situation,
): Promise<number> {
  if (held) {
    const change =
      next.do === 'recover'
        ? { state: 'recovered', recoveredAt: now }
        : { state: 'open', recoveredAt: null, windowStart: new Date(next.at.at), value: next.at.value };
    await tx.update(incidents).set(change).where(eq(incidents.id, held.id));
    return held.id;
  }
  const [opened] = await tx
    .insert(incidents)
    .values({
      modelId: goal.modelId,
      kpiId: goal.id,
      kpiVersion: goal.version,
      kpiName: contract.name,
      state: 'open',
      openedAt: now,
      windowStart: new Date(next.at.at),
      value: next.at.value,
      limit: contract.limits.breach,
    })
    .returning({ id: incidents.id });
  return opened!.id;
}
