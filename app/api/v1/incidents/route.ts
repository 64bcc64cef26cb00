import { isUuid } from '../../../../lib/base/ids.ts';
import { listIncidents } from '../../../../lib/incidents/queries.ts';
import { INCIDENT_STATES } from '../../../../lib/incidents/schema.ts';
import { badParameter, oneOf, route } from '../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'common-view' },
  handle: async ({ db, url }) => {
    const [model, kpi] = [url.searchParams.get('model'), url.searchParams.get('kpi')];
    if (kpi && !isUuid(kpi)) throw badParameter('kpi', 'must be the id of a goal');
    const state = oneOf('state', INCIDENT_STATES, url.searchParams.get('state'));
    const filter = { ...(model ? { model } : {}), ...(kpi ? { kpi } : {}), ...(state ? { state } : {}) };
    return { items: await listIncidents(db, filter), nextCursor: null };
  },
});
