import { eq } from 'drizzle-orm';
import { incidents } from '../../../db/schema/kpis.ts';
import { defineCommand } from '../../shell/command.ts';
import { orThrow } from '../../shell/errors.ts';
import { handled, lockIncident } from '../queries.ts';
import { mayAct } from '../rules.ts';
import { type IncidentState, snoozeInput } from '../schema.ts';

export const snoozeIncident = defineCommand('incidents.snooze', snoozeInput, async ({ tx }, input) => {
  const { incident, model } = await lockIncident(tx, input.id);
  orThrow(mayAct(incident.state as IncidentState, 'snooze'));
  const [after] = await tx
    .update(incidents)
    .set({ state: 'snoozed', snoozedUntil: new Date(input.until), note: input.note ?? incident.note })
    .where(eq(incidents.id, incident.id))
    .returning();
  return handled(incident, after!, model);
});
