import { resolveIncident } from '../../../../../../lib/incidents/commands/resolve.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const POST = route({
  policy: { command: 'incidents.resolve' },
  handle: async ({ run, json, params }) => run(resolveIncident, { ...(await json()), id: params.id }),
});
