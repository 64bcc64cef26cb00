import { decide } from '../../../../../../lib/approvals/commands/decide.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const POST = route({
  policy: { command: 'approvals.decide' },
  handle: async ({ run, json, params }) => run(decide, { ...(await json()), id: params.id }),
});
