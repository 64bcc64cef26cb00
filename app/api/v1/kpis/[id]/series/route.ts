import { getKpi, listKpiPoints } from '../../../../../../lib/kpis/queries.ts';
import { instant, route, uuid } from '../../../../../../lib/shell/http.ts';

/** The evaluated series, each point with the limits that were in force then; `asOf` answers it as it was known at an instant. */
export const GET = route({
  policy: { read: 'common-view' },
  handle: async ({ db, params, url }) => {
    const kpi = await getKpi(db, uuid('kpi', params.id));
    return {
      items: await listKpiPoints(db, kpi.id, undefined, instant('asOf', url.searchParams.get('asOf'))),
      nextCursor: null,
    };
  },
});
