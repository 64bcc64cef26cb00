import { createUser } from '../../../../lib/access/commands/create-user.ts';
import { updateUser } from '../../../../lib/access/commands/update-user.ts';
import { listUsers } from '../../../../lib/access/queries.ts';
import { route } from '../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'people' },
  handle: async ({ db }) => ({ items: await listUsers(db), nextCursor: null }),
});

export const POST = route({
  policy: { command: 'access.create-user' },
  status: 201,
  handle: async ({ run, json }) => run(createUser, await json()),
});

export const PATCH = route({
  policy: { command: 'access.update-user' },
  handle: async ({ run, json }) => run(updateUser, await json()),
});
