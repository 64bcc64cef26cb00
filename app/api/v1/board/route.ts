import { readSelection } from '../../../../lib/board/page.ts';
import { getBoard } from '../../../../lib/board/queries.ts';
import { route } from '../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'common-view' },
  handle: ({ db, actor, url, now }) =>
    getBoard(
      db,
      actor,
      readSelection((name) => url.searchParams.get(name)),
      now,
    ),
});
