import { changeDataContract } from '../../../../../../lib/contracts/commands/change.ts';
import { getContract } from '../../../../../../lib/contracts/queries.ts';
import { getModel } from '../../../../../../lib/models/queries.ts';
import { route, wholeNumber } from '../../../../../../lib/shell/http.ts';

/** The version of the model that is asked for; without one the newest that has a contract. */
const versionOf = (url: URL): number | undefined => {
  const given = url.searchParams.get('version');
  return given === null ? undefined : wholeNumber('version', given);
};

export const GET = route({
  policy: { read: 'common-view' },
  handle: async ({ db, params, url }) => getContract(db, await getModel(db, params.name!), versionOf(url)),
});

export const PATCH = route({
  policy: { command: 'contracts.change' },
  handle: async ({ run, json, params, url, ifMatch }) => {
    const { reason, ...changes } = await json();
    const modelVersion = versionOf(url);
    const which = modelVersion === undefined ? {} : { modelVersion };
    return run(changeDataContract, { model: params.name, ...which, expectedVersion: ifMatch(), changes, reason });
  },
});
