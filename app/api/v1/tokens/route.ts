import { createToken } from '../../../../lib/access/commands/create-token.ts';
import { revokeToken } from '../../../../lib/access/commands/revoke-token.ts';
import { listTokens } from '../../../../lib/access/queries.ts';
import { route } from '../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'people' },
  handle: async ({ db, actor }) => ({ items: await listTokens(db, actor), nextCursor: null }),
});

export const POST = route({
  policy: { command: 'access.create-token' },
  status: 201,
  secret: true,
  handle: async ({ run, json }) => run(createToken, await json()),
});

export const DELETE = route({
  policy: { command: 'access.revoke-token' },
  handle: async ({ run, json, url }) =>
    run(revokeToken, url.searchParams.has('id') ? { id: url.searchParams.get('id') } : await json()),
});
