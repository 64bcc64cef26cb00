import { eq } from 'drizzle-orm';
import { incidents } from '../../../db/schema/kpis.ts';
import { defineCommand } from '../../shell/command.ts';
import { orThrow } from '../../shell/errors.ts';
import { lockIncident, viewIncident } from '../queries.ts';
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
  return {
    value: viewIncident(after!, model.name),
    subject: { type: 'incident', id: String(incident.id), model },
    before: { state: incident.state, assignee: incident.assignee },
    after: { state: after!.state, assignee: after!.assignee, cause: after!.cause },
    ...(after!.note ? { reason: after!.note } : {}),
  };
});
