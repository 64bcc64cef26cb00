import { eq } from 'drizzle-orm';
import { webhooks } from '../../../db/schema/webhooks.ts';
import { defineCommand } from '../../shell/command.ts';
import { lockWebhook, viewWebhook } from '../queries.ts';
import { disableWebhookInput } from '../schema.ts';

/**
 * What the worker does with a receiver that is gone, unless somebody changed the webhook or something was delivered since the attempt. Pending deliveries wait until somebody enables it again.
 */
export const disableWebhook = defineCommand(
  'notifications.disable-webhook',
  disableWebhookInput,
  async ({ tx, now }, { id, reason, version, failingSince }) => {
    const before = await lockWebhook(tx, id);
    const recovered = failingSince !== null && before.failingSince?.getTime() !== failingSince.getTime();
    if (before.status === 'DISABLED' || before.version !== version || recovered)
      return { value: viewWebhook(before), unchanged: true };
    const [after] = await tx
      .update(webhooks)
      .set({ status: 'DISABLED', disabledReason: reason, version: before.version + 1, updatedAt: now })
      .where(eq(webhooks.id, id))
      .returning();
    return {
      value: viewWebhook(after!),
      subject: { type: 'webhook', id },
      before: { status: before.status },
      after: { status: 'DISABLED', name: before.name },
      reason,
    };
  },
);
