import { cancelImport } from '../../../../../../lib/imports/commands/cancel.ts';
import { route, uuid } from '../../../../../../lib/shell/http.ts';

export const POST = route({
  policy: { command: 'imports.cancel' },
  handle: ({ run, params }) => run(cancelImport, { id: uuid('import', params.id) }),
});
