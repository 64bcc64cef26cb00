import { setUp } from '../../../../lib/access/commands/set-up.ts';
import { route } from '../../../../lib/shell/http.ts';

export const POST = route({
  policy: { command: 'access.set-up' },
  status: 201,
  handle: async ({ run, json }) => run(setUp, await json()),
});
