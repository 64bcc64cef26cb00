import { defineCommand } from '../../shell/command.ts';
import { lockWebhook, viewWebhook } from '../queries.ts';
import { webhookInput } from '../schema.ts';

/** Notes who had a test message sent; it goes out after the commit. */
export const testWebhook = defineCommand('notifications.test-webhook', webhookInput, async ({ tx }, input) => {
  const webhook = await lockWebhook(tx, input.id, input.protocol);
  return {
    value: viewWebhook(webhook),
    subject: { type: 'webhook', id: webhook.id },
    before: null,
    after: { name: webhook.name, tested: true },
  };
});
