import { getModelSummary } from '../../../../../lib/board/endpoints.ts';
import { updateModel } from '../../../../../lib/models/commands/update.ts';
import { route } from '../../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'registry' },
  handle: ({ db, actor, params, now }) => getModelSummary(db, actor, params.name!, now),
});

export const PATCH = route({
  policy: { command: 'models.update' },
  handle: async ({ run, json, params, ifMatch }) =>
    run(updateModel, { ...(await json()), name: params.name, expectedVersion: ifMatch() }),
});
