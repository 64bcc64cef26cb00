import { acknowledgeIncident } from '../../../../../../lib/incidents/commands/acknowledge.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const POST = route({
  policy: { command: 'incidents.acknowledge' },
  handle: async ({ run, json, params }) => run(acknowledgeIncident, { ...(await json()), id: params.id }),
});
