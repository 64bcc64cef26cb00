import { createComment } from '../../../../lib/comments/commands/create.ts';
import { listComments } from '../../../../lib/comments/queries.ts';
import { getModel } from '../../../../lib/models/queries.ts';
import { route } from '../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'common-view' },
  handle: async ({ db, url }) => {
    const [type, id, model] = ['type', 'subject', 'model'].map((name) => url.searchParams.get(name));
    const filter = {
      ...(model ? { modelId: (await getModel(db, model)).id } : {}),
      ...(type && id ? { subject: { type, id } } : {}),
    };
    return { items: await listComments(db, filter), nextCursor: null };
  },
});

export const POST = route({
  policy: { command: 'comments.create' },
  status: 201,
  handle: async ({ run, json }) => run(createComment, await json()),
});
