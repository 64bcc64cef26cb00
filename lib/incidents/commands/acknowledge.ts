import { eq } from 'drizzle-orm';
import { incidents } from '../../../db/schema/kpis.ts';
import { defineCommand } from '../../shell/command.ts';
import { orThrow } from '../../shell/errors.ts';
import { lockIncident, viewIncident } from '../queries.ts';
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
    return {
      value: viewIncident(after!, model.name),
      subject: { type: 'incident', id: String(incident.id), model },
      before: { state: incident.state, assignee: incident.assignee },
      after: { state: after!.state, assignee: after!.assignee, cause: after!.cause },
      ...(after!.note ? { reason: after!.note } : {}),
    };
  },
);
