import { createKpi } from '../../../../../../lib/kpis/commands/create.ts';
import { listKpis } from '../../../../../../lib/kpis/queries.ts';
import { getModel } from '../../../../../../lib/models/queries.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'common-view' },
  handle: async ({ db, params }) => ({
    items: await listKpis(db, [(await getModel(db, params.name!)).id]),
    nextCursor: null,
  }),
});

export const POST = route({
  policy: { command: 'kpis.create' },
  status: 201,
  handle: async ({ run, json, params }) => {
    const { reason, ...contract } = await json();
    return run(createKpi, { model: params.name, contract, reason });
  },
});
