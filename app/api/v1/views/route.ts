import { saveView } from '../../../../lib/board/commands/save-view.ts';
import { listViews } from '../../../../lib/board/queries.ts';
import { route } from '../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'common-view' },
  handle: async ({ db, actor }) => ({ items: await listViews(db, actor), nextCursor: null }),
});

export const POST = route({
  policy: { command: 'board.save-view' },
  status: 201,
  handle: async ({ run, json }) => run(saveView, await json()),
});
