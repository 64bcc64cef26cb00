import { getModel, getVersion, viewVersions } from '../../../../../../../lib/models/queries.ts';
import { route, wholeNumber } from '../../../../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'registry' },
  handle: async ({ db, params }) => {
    const model = await getModel(db, params.name!);
    const row = await getVersion(db, model, wholeNumber('version', params.version));
    return (await viewVersions(db, model.id, [row]))[0];
  },
});
