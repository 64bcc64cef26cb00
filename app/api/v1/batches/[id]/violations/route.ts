import { viewBatch } from '../../../../../../lib/measurements/queries.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'common-view' },
  handle: async ({ db, params }) => {
    const { contractVersion, violations, setAside } = await viewBatch(db, params.id!);
    return { contractVersion, setAside, items: violations, nextCursor: null };
  },
});
