import { searchModels } from '../../../../lib/board/search.ts';
import { registerModel } from '../../../../lib/models/commands/register.ts';
import { route } from '../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'registry' },
  handle: ({ db, actor, url, now }) => searchModels(db, actor, url.searchParams, now),
});

export const POST = route({
  policy: { command: 'models.register' },
  status: 201,
  handle: async ({ run, json }) => run(registerModel, await json()),
});
