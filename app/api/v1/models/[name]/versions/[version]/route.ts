import { getVersionPage } from '../../../../../../../lib/board/version.ts';
import { route, wholeNumber } from '../../../../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'registry' },
  handle: ({ db, params }) => getVersionPage(db, params.name!, wholeNumber('version', params.version)),
});
