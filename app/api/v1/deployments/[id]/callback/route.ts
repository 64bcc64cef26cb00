import { callback } from '../../../../../../lib/deployments/commands/callback.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const POST = route({
  policy: { command: 'deployments.callback' },
  handle: async ({ run, json, params }) => run(callback, { ...(await json()), id: params.id }),
});
