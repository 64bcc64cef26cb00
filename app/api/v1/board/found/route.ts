import { findNames } from '../../../../../lib/board/search.ts';
import { route } from '../../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'common-view' },
  handle: ({ db, url }) => findNames(db, url.searchParams),
});
