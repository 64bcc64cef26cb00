import { reviseRequest } from '../../../../../../lib/approvals/commands/revise.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const POST = route({
  policy: { command: 'approvals.revise' },
  handle: async ({ run, json, params }) => run(reviseRequest, { ...(await json()), id: params.id }),
});
