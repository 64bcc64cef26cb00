import { createRequest } from '../../../../lib/approvals/commands/create.ts';
import { listRequests } from '../../../../lib/approvals/queries/request.ts';
import { REQUEST_STATES } from '../../../../lib/approvals/schema.ts';
import { getModel } from '../../../../lib/models/queries.ts';
import { oneOf, route } from '../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'common-view' },
  handle: async ({ db, actor, url, now }) => {
    const model = url.searchParams.get('model');
    const state = oneOf('state', REQUEST_STATES, url.searchParams.get('state'));
    const filter = {
      ...(model ? { modelId: (await getModel(db, model)).id } : {}),
      ...(state ? { states: [state] } : {}),
    };
    const items = await listRequests(db, filter, actor, now);
    const mine =
      url.searchParams.get('needs') === 'me' ? items.filter((item) => item.can.decide.ok || item.can.deploy.ok) : items;
    return { items: mine, nextCursor: null };
  },
});

export const POST = route({
  policy: { command: 'approvals.create' },
  status: 201,
  handle: async ({ run, json }) => run(createRequest, await json()),
});
