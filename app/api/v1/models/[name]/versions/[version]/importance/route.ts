import { readImportance } from '../../../../../../../../lib/drift/endpoints.ts';
import { setImportance } from '../../../../../../../../lib/models/commands/set-importance.ts';
import { route, wholeNumber } from '../../../../../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'common-view' },
  handle: ({ db, params }) => readImportance(db, params.name!, wholeNumber('version', params.version)),
});

export const PUT = route({
  policy: { command: 'models.set-importance' },
  handle: async ({ run, json, params }) =>
    run(setImportance, { ...(await json()), name: params.name, version: wholeNumber('version', params.version) }),
});
