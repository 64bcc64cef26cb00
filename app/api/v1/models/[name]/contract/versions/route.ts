import { getContract, listContractVersions } from '../../../../../../../lib/contracts/queries.ts';
import { getModel } from '../../../../../../../lib/models/queries.ts';
import { route, wholeNumber } from '../../../../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'common-view' },
  handle: async ({ db, params, url }) => {
    const model = await getModel(db, params.name!);
    const given = url.searchParams.get('version');
    const held = await getContract(db, model, given === null ? undefined : wholeNumber('version', given));
    return { items: await listContractVersions(db, model, held.modelVersion), nextCursor: null };
  },
});
