import { eq } from 'drizzle-orm';
import * as z from 'zod';
import { batches } from '../../../db/schema/measurements.ts';
import { defineCommand } from '../../shell/command.ts';
import { lockBatch } from '../queries.ts';
import type { UploadFault } from '../schema.ts';

const finishInput = z.strictObject({ batchId: z.uuid(), errors: z.array(z.custom<UploadFault>()) });

/** The end of a batch: done, or failed with what was wrong and where; a failed one has left nothing else behind. */
export const finishBatch = defineCommand('measurements.finish-batch', finishInput, async ({ tx, now }, input) => {
  const { batch, model } = await lockBatch(tx, input.batchId);
  if (batch.state === 'cancelled') return { value: { state: batch.state }, unchanged: true };
  const state = input.errors.length === 0 ? 'done' : 'failed';
  await tx
    .update(batches)
    .set({ state, errors: input.errors, progress: null, finishedAt: now })
    .where(eq(batches.id, batch.id));
  return {
    value: { state },
    subject: { type: 'batch', id: batch.id, model: { id: batch.modelId, name: model } },
    before: { state: batch.state },
    after: { state, rows: batch.rows, windows: batch.windows, errors: input.errors.map((error) => error.code) },
  };
});
