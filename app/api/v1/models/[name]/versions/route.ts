import { registerVersion } from '../../../../../../lib/models/commands/register-version.ts';
import { getModel, listVersions } from '../../../../../../lib/models/queries.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'registry' },
  handle: async ({ db, params }) => ({
    items: await listVersions(db, (await getModel(db, params.name!)).id),
    nextCursor: null,
  }),
});

export const POST = route({
  policy: { command: 'models.register-version' },
  status: 201,
  handle: async ({ run, json, params }) => run(registerVersion, { ...(await json()), name: params.name }),
});
