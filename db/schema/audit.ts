import { bigint, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { moment } from './access.ts';

/** One row a stream (a model, or `workspace`): locking it serialises the chain's writers. */
export const auditHeads = pgTable('audit_heads', {
  stream: text().primaryKey(),
  position: bigint({ mode: 'number' }).notNull(),
  hash: text().notNull(),
  /** The hash before this one, for the event that is linked while the head moves on; null until it first does. */
  prevHash: text('prev_hash'),
});

/**
 * Append-only, hash-chained per stream. `body` is the exact text that was hashed: re-serialising a stored value could
 * differ from what was signed (key order, microseconds).
 */
export const auditEvents = pgTable(
  'audit_events',
  {
    id: bigint({ mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
    stream: text().notNull(),
    position: bigint({ mode: 'number' }).notNull(),
    at: moment('at').notNull(),
    action: text().notNull(),
    actorKind: text('actor_kind').notNull(),
    actorId: text('actor_id').notNull(),
    actorName: text('actor_name').notNull(),
    subjectType: text('subject_type').notNull(),
    subjectId: text('subject_id').notNull(),
    modelId: uuid('model_id'),
    body: text().notNull(),
    prevHash: text('prev_hash').notNull(),
    hash: text().notNull(),
  },
  (t) => [
    uniqueIndex('audit_events_stream_prev_key').on(t.stream, t.prevHash),
    uniqueIndex('audit_events_stream_position_key').on(t.stream, t.position),
    index('audit_events_model_idx').on(t.modelId, t.id),
    index('audit_events_at_idx').on(t.at),
    index('audit_events_actor_idx').on(t.actorId, t.id),
    index('audit_events_action_idx').on(t.action, t.id),
    index('audit_events_subject_idx').on(t.subjectId, t.id),
  ],
);

/**
 * What must follow a commit. `position` is handed out by the one pump when it publishes the row, after the commit is
 * visible, so that a reader who resumes from a position can never have skipped a slower transaction.
 */
export const outbox = pgTable(
  'outbox',
  {
    id: bigint({ mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
    at: moment('at').notNull(),
    key: text().notNull(),
    subjectType: text('subject_type').notNull(),
    subjectId: text('subject_id').notNull(),
    model: text(),
    job: text(),
    payload: text(),
    position: bigint({ mode: 'number' }),
  },
  (t) => [uniqueIndex('outbox_position_key').on(t.position)],
);

export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    actorId: text('actor_id').notNull(),
    key: text().notNull(),
    requestHash: text('request_hash').notNull(),
    status: integer(),
    response: text(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.actorId, t.key] })],
);
