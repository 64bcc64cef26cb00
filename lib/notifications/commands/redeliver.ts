import { and, eq } from 'drizzle-orm';
import { webhookDeliveries } from '../../../db/schema/webhooks.ts';
import { defineCommand } from '../../shell/command.ts';
import { conflict, notFound } from '../../shell/errors.ts';
import { lockWebhook, viewDelivery } from '../queries.ts';
import { redeliverInput } from '../schema.ts';

/** Sends it again, under the same id and with a schedule of its own, whatever became of it. */
export const redeliver = defineCommand('notifications.redeliver', redeliverInput, async ({ tx, now }, input) => {
  const webhook = await lockWebhook(tx, input.id);
  if (webhook.status !== 'ACTIVE')
    throw conflict('webhook_disabled', 'The webhook is disabled: enable it first, then what is pending goes out.');
  const at = and(eq(webhookDeliveries.id, input.deliveryId), eq(webhookDeliveries.webhookId, webhook.id));
  const [before] = await tx.select().from(webhookDeliveries).where(at).for('update');
  if (!before) throw notFound('delivery', input.deliveryId);
  const [after] = await tx
    .update(webhookDeliveries)
    .set({ state: 'pending', attempts: 0, nextAttemptAt: now, finishedAt: null })
    .where(at)
    .returning();
  return {
    value: viewDelivery(after!),
    subject: { type: 'webhook', id: webhook.id },
    before: { delivery: before.id, state: before.state, attempts: before.attempts },
    after: { delivery: before.id, state: 'pending' },
  };
});
