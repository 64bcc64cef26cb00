import { snoozeIncident } from '../../../../../../lib/incidents/commands/snooze.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const POST = route({
  policy: { command: 'incidents.snooze' },
  handle: async ({ run, json, params }) => run(snoozeIncident, { ...(await json()), id: params.id }),
});
