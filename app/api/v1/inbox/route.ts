import { listInbox } from '../../../../lib/board/catalog.ts';
import { route } from '../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'common-view' },
  handle: async ({ db, actor, now }) => ({ items: await listInbox(db, actor, now), nextCursor: null }),
});
