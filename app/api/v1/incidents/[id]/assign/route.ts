import { assignIncident } from '../../../../../../lib/incidents/commands/assign.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const POST = route({
  policy: { command: 'incidents.assign' },
  handle: async ({ run, json, params }) => run(assignIncident, { ...(await json()), id: params.id }),
});
