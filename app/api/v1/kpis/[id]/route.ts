import { deleteKpi } from '../../../../../lib/kpis/commands/delete.ts';
import { updateKpi } from '../../../../../lib/kpis/commands/update.ts';
import { getKpi } from '../../../../../lib/kpis/queries.ts';
import { route, uuid } from '../../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'common-view' },
  handle: ({ db, params }) => getKpi(db, uuid('kpi', params.id)),
});

export const PATCH = route({
  policy: { command: 'kpis.update' },
  handle: async ({ run, json, params, ifMatch }) => {
    const { reason, ...changes } = await json();
    return run(updateKpi, { id: uuid('kpi', params.id), expectedVersion: ifMatch(), changes, reason });
  },
});

export const DELETE = route({
  policy: { command: 'kpis.delete' },
  handle: async ({ run, json, params, ifMatch }) =>
    run(deleteKpi, { ...(await json()), id: uuid('kpi', params.id), expectedVersion: ifMatch() }),
});
