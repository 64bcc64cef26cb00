import { findServingAt, listDeployments, viewDeployment } from '../../../../../../lib/deployments/queries.ts';
import { getModel } from '../../../../../../lib/models/queries.ts';
import { instant, route } from '../../../../../../lib/shell/http.ts';

/** With `at`: which version decided at that instant. */
export const GET = route({
  policy: { read: 'common-view' },
  handle: async ({ db, params, url }) => {
    const model = await getModel(db, params.name!);
    const environment = url.searchParams.get('environment') ?? undefined;
    const at = instant('at', url.searchParams.get('at'));
    if (!at) return { items: (await listDeployments(db, model.id, environment)).map(viewDeployment), nextCursor: null };
    const serving = await findServingAt(db, model.id, environment ?? 'production', at);
    return { items: serving ? [viewDeployment(serving)] : [], nextCursor: null };
  },
});
