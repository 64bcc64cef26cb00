import { findRequest, isHidden, viewRequest } from '../../../../../lib/approvals/queries/request.ts';
import { notFound } from '../../../../../lib/shell/errors.ts';
import { route, wholeNumber } from '../../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'common-view' },
  handle: async ({ db, actor, params, now }) => {
    const found = await findRequest(db, wholeNumber('request', params.id));
    if (!found || isHidden(found.request, actor)) throw notFound('request', params.id!);
    return viewRequest(db, found.request, found.model, actor, now);
  },
});
