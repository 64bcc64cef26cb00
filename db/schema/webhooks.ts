import { sql } from 'drizzle-orm';
import { bigint, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { moment } from './access.ts';

/** Where events are sent. `protocol` says in whose form: the registry protocol's, or Standard Webhooks. */
export const webhooks = pgTable(
  'webhooks',
  {
    id: uuid().primaryKey(),
    protocol: text().notNull(),
    name: text().notNull(),
    url: text().notNull(),
    events: text().array().notNull(),
    description: text(),
    status: text().notNull(),
    /** Sealed (AES-256-GCM); null signs nothing. */
    secret: text(),
    /** Sealed: the secret before the last rotation, which still signs until the moment beside it. */
    previousSecret: text('previous_secret'),
    previousSecretUntil: moment('previous_secret_until'),
    disabledReason: text('disabled_reason'),
    /** The first failure since the last success. */
    failingSince: moment('failing_since'),
    version: integer().notNull().default(1),
    createdBy: text('created_by').notNull(),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [index('webhooks_created_idx').on(t.createdAt, t.id)],
);

/** One event on its way to one webhook. Made in the pump's transaction, so that none is lost and none is made twice. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    /** Sent as `webhook-id` and `X-MLflow-Delivery-Id`; the same over all attempts. */
    id: text().primaryKey(),
    webhookId: uuid('webhook_id')
      .notNull()
      .references(() => webhooks.id, { onDelete: 'cascade' }),
    outboxId: bigint('outbox_id', { mode: 'number' }).notNull(),
    event: text().notNull(),
    /** The exact bytes that are signed and sent. */
    body: text().notNull(),
    state: text().notNull(),
    attempts: integer().notNull().default(0),
    /** When it is due; while it is being sent, when another worker may take it over. */
    nextAttemptAt: moment('next_attempt_at').notNull(),
    responseStatus: integer('response_status'),
    /** The beginning of the last answer's body. */
    responseBody: text('response_body'),
    error: text(),
    durationMs: integer('duration_ms'),
    createdAt: moment('created_at').notNull(),
    attemptedAt: moment('attempted_at'),
    finishedAt: moment('finished_at'),
  },
  (t) => [
    uniqueIndex('webhook_deliveries_event_key').on(t.webhookId, t.outboxId, t.event),
    index('webhook_deliveries_due_idx').on(t.webhookId, t.nextAttemptAt).where(sql`${t.state} = 'pending'`),
    index('webhook_deliveries_created_idx').on(t.webhookId, t.createdAt),
  ],
);
