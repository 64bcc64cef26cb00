import { eq } from 'drizzle-orm';
import * as z from 'zod';
import { batches } from '../../../db/schema/measurements.ts';
import { defineCommand } from '../../shell/command.ts';
import { conflict } from '../../shell/errors.ts';
import { lockBatch } from '../queries.ts';

const cancelInput = z.strictObject({ batchId: z.uuid() });

/**
 * Stops the work on an upload that is not counted yet, so that nothing of it counts; its reader is killed and its files go. Once its
 * rows are counted there is no half to go back to: the refusal says so.
 */
export const cancelBatch = defineCommand('measurements.cancel-batch', cancelInput, async ({ tx, now }, { batchId }) => {
  const { batch, model } = await lockBatch(tx, batchId);
  const value = { batchId: batch.id, state: 'cancelled' as const };
  if (batch.state === 'cancelled') return { value, unchanged: true };
  if (batch.state === 'done' || batch.state === 'failed')
    throw conflict('batch_ended', `The work on this upload has ended already: it is ${batch.state}.`);
  if (batch.parquetPath !== null)
    throw conflict('batch_counted', 'The rows of this upload are counted already: it can no longer be cancelled.');
  await tx.update(batches).set({ state: 'cancelled', progress: null, finishedAt: now }).where(eq(batches.id, batch.id));
  return {
    value,
    subject: { type: 'batch', id: batch.id, model: { id: batch.modelId, name: model } },
    before: { state: batch.state },
    after: { state: 'cancelled', kind: batch.kind, version: batch.version, bytes: batch.bytes },
    // Removes the files, where no reader is there to do it.
    jobs: [{ name: 'process-batch', data: { batchId: batch.id } }],
  };
});
