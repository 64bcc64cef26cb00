import { followImport } from '../../../../../../lib/imports/commands/follow.ts';
import { route, uuid } from '../../../../../../lib/shell/http.ts';

export const POST = route({
  policy: { command: 'imports.follow' },
  secret: true,
  handle: ({ run, params }) => run(followImport, { id: uuid('import', params.id) }),
});
