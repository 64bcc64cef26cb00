import { revokeToken } from '../../../../../lib/access/commands/revoke-token.ts';
import { route } from '../../../../../lib/shell/http.ts';

export const DELETE = route({
  policy: { command: 'access.revoke-token' },
  handle: ({ run, params }) => run(revokeToken, { id: params.id }),
});
