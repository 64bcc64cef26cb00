import { withdrawRequest } from '../../../../../../lib/approvals/commands/withdraw.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const POST = route({
  policy: { command: 'approvals.withdraw' },
  handle: async ({ run, json, params }) => run(withdrawRequest, { ...(await json()), id: params.id }),
});
