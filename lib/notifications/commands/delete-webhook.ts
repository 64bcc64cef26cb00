import { eq } from 'drizzle-orm';
import { webhooks } from '../../../db/schema/webhooks.ts';
import { defineCommand } from '../../shell/command.ts';
import { facts } from '../destination.ts';
import { lockWebhook } from '../queries.ts';
import { webhookInput } from '../schema.ts';

/** With its deliveries, the pending ones included. */
export const deleteWebhook = defineCommand('notifications.delete-webhook', webhookInput, async ({ tx }, input) => {
  const before = await lockWebhook(tx, input.id, input.protocol);
  await tx.delete(webhooks).where(eq(webhooks.id, before.id));
  return {
    value: { id: before.id, deleted: true },
    subject: { type: 'webhook', id: before.id },
    before: facts(before),
    after: null,
  };
});
