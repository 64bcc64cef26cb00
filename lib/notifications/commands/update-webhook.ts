import { eq } from 'drizzle-orm';
import { webhooks } from '../../../db/schema/webhooks.ts';
import { addMs, DAY_MS } from '../../base/time.ts';
import { defineCommand } from '../../shell/command.ts';
import { AppError } from '../../shell/errors.ts';
import { seal } from '../../shell/seal.ts';
import { assertDestination, assertEvents, assertSecret, facts } from '../destination.ts';
import { lockWebhook, SECRET_PLACE, viewWebhook } from '../queries.ts';
import { type Protocol, updateWebhookInput, type WebhookView } from '../schema.ts';
import { newStandardSecret } from '../signature.ts';

/** Receivers have this long to learn a new secret; meanwhile both sign. */
const OVERLAP_MS = DAY_MS;

/**
 * Absent fields stay. A new address never inherits the secret, or whoever may edit could have it sent to themselves
 * signed (CVE-2026-41487): without a new one a Standard Webhook is given one, the protocol's own is left unsigned.
 */
export const updateWebhook = defineCommand(
  'notifications.update-webhook',
  updateWebhookInput,
  async ({ tx, now }, { id, protocol, expectedVersion, changes }) => {
    const before = await lockWebhook(tx, id, protocol);
    if (expectedVersion !== undefined && expectedVersion !== before.version)
      throw new AppError('stale', 'version_moved', 'Somebody changed this webhook after you read it.', [], {
        current: viewWebhook(before),
      });
    const { secret, rotateSecret, ...rest } = changes;
    if (rest.url !== undefined) assertDestination(rest.url);
    if (rest.events) assertEvents(before.protocol as Protocol, rest.events);
    if (secret !== undefined) assertSecret(before.protocol as Protocol, secret);
    const moved = rest.url !== undefined && rest.url !== before.url;
    const made =
      secret === undefined && before.protocol === 'standard' && (moved || rotateSecret)
        ? newStandardSecret()
        : undefined;
    const next = secret ?? made;
    const replaced = next !== undefined || moved;
    const overlaps = replaced && !moved && before.secret !== null;
    const enabled = rest.status === 'ACTIVE' && before.status !== 'ACTIVE';
    const [after] = await tx
      .update(webhooks)
      .set({
        ...rest,
        ...(replaced
          ? {
              secret: next === undefined ? null : seal(next, SECRET_PLACE(id)),
              previousSecret: overlaps ? before.secret : null,
              previousSecretUntil: overlaps ? addMs(now, OVERLAP_MS) : null,
            }
          : {}),
        ...(enabled || moved ? { failingSince: null } : {}),
        ...(enabled ? { disabledReason: null } : {}),
        version: before.version + 1,
        updatedAt: now,
      })
      .where(eq(webhooks.id, id))
      .returning();
    const value: WebhookView & { secret?: string } = { ...viewWebhook(after!), ...(made ? { secret: made } : {}) };
    return {
      value,
      subject: { type: 'webhook', id },
      before: facts(before),
      after: { ...facts(after!), secretReplaced: replaced },
    };
  },
);
