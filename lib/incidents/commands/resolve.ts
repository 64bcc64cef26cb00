import { eq } from 'drizzle-orm';
import { incidents } from '../../../db/schema/kpis.ts';
import { defineCommand } from '../../shell/command.ts';
import { orThrow } from '../../shell/errors.ts';
import { handled, lockIncident } from '../queries.ts';
import { mayAct } from '../rules.ts';
import { type IncidentState, resolveInput } from '../schema.ts';

export const resolveIncident = defineCommand('incidents.resolve', resolveInput, async ({ tx, actor, now }, input) => {
  const { incident, model } = await lockIncident(tx, input.id);
  orThrow(mayAct(incident.state as IncidentState, 'resolve'));
  const [after] = await tx
    .update(incidents)
    .set({
      state: 'resolved',
      cause: input.cause,
      note: input.note ?? incident.note,
      resolvedBy: actor.name,
      resolvedAt: now,
    })
    .where(eq(incidents.id, incident.id))
    .returning();
  return handled(incident, after!, model);
});
