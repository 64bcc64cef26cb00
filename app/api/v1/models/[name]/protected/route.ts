import { nameProtected } from '../../../../../../lib/drift/commands/name-protected.ts';
import { getModel, viewProtection } from '../../../../../../lib/models/queries.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'common-view' },
  handle: async ({ db, params }) => viewProtection(db, (await getModel(db, params.name!)).id),
});

export const PUT = route({
  policy: { command: 'drift.name-protected' },
  handle: async ({ run, json, params }) => run(nameProtected, { ...(await json()), model: params.name }),
});
