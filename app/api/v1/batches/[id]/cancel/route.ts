import { cancelBatch } from '../../../../../../lib/measurements/commands/cancel-batch.ts';
import { viewBatch } from '../../../../../../lib/measurements/queries.ts';
import { route, uuid } from '../../../../../../lib/shell/http.ts';

export const POST = route({
  policy: { command: 'measurements.cancel-batch' },
  handle: async ({ db, run, params }) => {
    const { batchId } = await run(cancelBatch, { batchId: uuid('batch', params.id) });
    return viewBatch(db, batchId);
  },
});
