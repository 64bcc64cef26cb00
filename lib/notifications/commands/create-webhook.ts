import { webhooks } from '../../../db/schema/webhooks.ts';
import { newId } from '../../base/ids.ts';
import { defineCommand } from '../../shell/command.ts';
import { seal } from '../../shell/seal.ts';
import { assertDestination, assertEvents, assertSecret, facts } from '../destination.ts';
import { SECRET_PLACE, viewWebhook } from '../queries.ts';
import { createWebhookInput, type WebhookView } from '../schema.ts';
import { newStandardSecret } from '../signature.ts';

/** The secret is in the answer of a Standard Webhook that brought none, and nowhere else. */
export const createWebhook = defineCommand(
  'notifications.create-webhook',
  createWebhookInput,
  async ({ tx, actor, now }, input) => {
    assertDestination(input.url);
    assertEvents(input.protocol, input.events);
    if (input.secret) assertSecret(input.protocol, input.secret);
    const made = input.protocol === 'standard' && !input.secret ? newStandardSecret() : undefined;
    const secret = input.secret ?? made;
    const id = newId();
    const [row] = await tx
      .insert(webhooks)
      .values({
        id,
        protocol: input.protocol,
        name: input.name,
        url: input.url,
        events: input.events,
        description: input.description ?? null,
        status: input.status,
        secret: secret === undefined ? null : seal(secret, SECRET_PLACE(id)),
        createdBy: actor.name,
        createdAt: now,
        updatedAt: now,
      })
      .returning();
    const value: WebhookView & { secret?: string } = { ...viewWebhook(row!), ...(made ? { secret: made } : {}) };
    return { value, subject: { type: 'webhook', id }, before: null, after: facts(row!) };
  },
);
