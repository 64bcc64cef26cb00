import { getImport, viewImport } from '../../../../../lib/imports/queries.ts';
import { route, uuid } from '../../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'imports' },
  handle: async ({ db, params }) => viewImport(await getImport(db, uuid('import', params.id))),
});
