import { rollback } from '../../../../../../lib/deployments/commands/rollback.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const POST = route({
  policy: { command: 'deployments.rollback' },
  status: 201,
  handle: async ({ run, json, params }) => run(rollback, { ...(await json()), model: params.name }),
});
