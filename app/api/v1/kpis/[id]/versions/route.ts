import { getKpi, listKpiVersions } from '../../../../../../lib/kpis/queries.ts';
import { route, uuid } from '../../../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'common-view' },
  handle: async ({ db, params }) => {
    const kpi = await getKpi(db, uuid('kpi', params.id));
    return { items: await listKpiVersions(db, kpi.id), nextCursor: null };
  },
});
