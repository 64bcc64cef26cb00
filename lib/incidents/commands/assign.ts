import { eq } from 'drizzle-orm';
import { incidents } from '../../../db/schema/kpis.ts';
import { defineCommand } from '../../shell/command.ts';
import { orThrow } from '../../shell/errors.ts';
import { handled, lockIncident } from '../queries.ts';
import { mayAct } from '../rules.ts';
import { assignInput, type IncidentState } from '../schema.ts';

export const assignIncident = defineCommand('incidents.assign', assignInput, async ({ tx }, input) => {
  const { incident, model } = await lockIncident(tx, input.id);
  orThrow(mayAct(incident.state as IncidentState, 'assign'));
  const [after] = await tx
    .update(incidents)
    .set({ assignee: input.assignee })
    .where(eq(incidents.id, incident.id))
    .returning();
  return handled(incident, after!, model);
});
