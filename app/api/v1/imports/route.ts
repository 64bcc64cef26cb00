import { startImport } from '../../../../lib/imports/commands/start.ts';
import { listImports } from '../../../../lib/imports/queries.ts';
import { route } from '../../../../lib/shell/http.ts';

export const GET = route({ policy: { read: 'imports' }, handle: ({ db }) => listImports(db) });

export const POST = route({
  policy: { command: 'imports.start' },
  status: 202,
  handle: async ({ run, json }) => run(startImport, await json()),
});
