import { getKpi, listKpiPoints } from '../../../../../../lib/kpis/queries.ts';
import { route, uuid } from '../../../../../../lib/shell/http.ts';

/** The evaluated series, each point with the limits that were in force then. */
export const GET = route({
  policy: { read: 'common-view' },
  handle: async ({ db, params }) => {
    const kpi = await getKpi(db, uuid('kpi', params.id));
    return { items: await listKpiPoints(db, kpi.id), nextCursor: null };
  },
});
