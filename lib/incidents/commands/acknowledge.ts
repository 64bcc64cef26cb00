import { eq } from 'drizzle-orm';
import { incidents } from '../../../db/schema/kpis.ts';
import { defineCommand } from '../../shell/command.ts';
import { orThrow } from '../../shell/errors.ts';
import { handled, lockIncident } from '../queries.ts';
import { mayAct } from '../rules.ts';
import { acknowledgeInput, type IncidentState } from '../schema.ts';

export const acknowledgeIncident = defineCommand(
  'incidents.acknowledge',
  acknowledgeInput,
  async ({ tx, actor, now }, input) => {
    const { incident, model } = await lockIncident(tx, input.id);
    orThrow(mayAct(incident.state as IncidentState, 'acknowledge'));
    const [after] = await tx
      .update(incidents)
      .set({
        state: 'acknowledged',
        acknowledgedBy: actor.name,
        acknowledgedAt: now,
        note: input.note ?? incident.note,
      })
      .where(eq(incidents.id, incident.id))
      .returning();
    return handled(incident, after!, model);
  },
);
