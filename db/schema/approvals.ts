import { sql } from 'drizzle-orm';
import { bigint, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { moment } from './access.ts';
import { models } from './models.ts';

export const environments = pgTable('environments', {
  name: text().primaryKey(),
  servingAlias: text('serving_alias').notNull(),
});

export const requests = pgTable(
  'requests',
  {
    id: bigint({ mode: 'number' }).generatedByDefaultAsIdentity().primaryKey(),
    kind: text().notNull(),
    modelId: uuid('model_id')
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    version: integer(),
    environment: text(),
    state: text().notNull(),
    revision: integer().notNull(),
    policy: jsonb().$type<unknown>().notNull(),
    createdBy: text('created_by').notNull(),
    createdByName: text('created_by_name').notNull(),
    createdAt: moment('created_at').notNull(),
    submittedAt: moment('submitted_at'),
    expiresAt: moment('expires_at').notNull(),
    approvedUntil: moment('approved_until'),
    closedAt: moment('closed_at'),
  },
  (t) => [
    index('requests_model_idx').on(t.modelId, t.createdAt),
    uniqueIndex('requests_open_key')
      .on(t.modelId, t.environment, t.kind)
      .where(sql`${t.state} in ('draft', 'in_review', 'changes_requested', 'approved', 'deploying')`),
  ],
);

/** Frozen by value: exactly what the voters of this revision saw. */
export const requestRevisions = pgTable(
  'request_revisions',
  {
    requestId: bigint('request_id', { mode: 'number' })
      .notNull()
      .references(() => requests.id, { onDelete: 'cascade' }),
    revision: integer().notNull(),
    subject: jsonb().$type<unknown>().notNull(),
    subjectHash: text('subject_hash').notNull(),
    evidence: jsonb().$type<unknown>().notNull(),
    evidenceHash: text('evidence_hash').notNull(),
    reason: text().notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.requestId, t.revision] })],
);

export const votes = pgTable(
  'votes',
  {
    id: uuid().primaryKey(),
    requestId: bigint('request_id', { mode: 'number' })
      .notNull()
      .references(() => requests.id, { onDelete: 'cascade' }),
    revision: integer().notNull(),
    evidenceHash: text('evidence_hash').notNull(),
    userId: text('user_id').notNull(),
    userName: text('user_name').notNull(),
    role: text().notNull(),
    decision: text().notNull(),
    note: text().notNull().default(''),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [uniqueIndex('votes_once_key').on(t.requestId, t.revision, t.userId, t.evidenceHash)],
);

export const deployments = pgTable(
  'deployments',
  {
    id: uuid().primaryKey(),
    modelId: uuid('model_id')
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    environment: text().notNull(),
    version: integer().notNull(),
    kind: text().notNull(),
    state: text().notNull(),
    requestId: bigint('request_id', { mode: 'number' }),
    revision: integer(),
    previousId: uuid('previous_id'),
    callbackHash: text('callback_hash'),
    sequence: integer().notNull().default(0),
    detail: text(),
    reason: text().notNull(),
    createdBy: text('created_by').notNull(),
    createdByName: text('created_by_name').notNull(),
    createdAt: moment('created_at').notNull(),
    servingFrom: moment('serving_from'),
    servingTo: moment('serving_to'),
  },
  (t) => [
    index('deployments_serving_idx').on(t.modelId, t.environment, t.servingFrom),
    uniqueIndex('deployments_in_flight_key').on(t.modelId, t.environment).where(sql`${t.state} = 'deploying'`),
    uniqueIndex('deployments_serving_key')
      .on(t.modelId, t.environment)
      .where(sql`${t.servingFrom} is not null and ${t.servingTo} is null`),
    uniqueIndex('deployments_request_key').on(t.requestId, t.revision).where(sql`${t.state} = 'deploying'`),
  ],
);

export const comments = pgTable(
  'comments',
  {
    id: uuid().primaryKey(),
    modelId: uuid('model_id')
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    subjectType: text('subject_type').notNull(),
    subjectId: text('subject_id').notNull(),
    body: text().notNull(),
    createdBy: text('created_by').notNull(),
    createdByName: text('created_by_name').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    index('comments_subject_idx').on(t.subjectType, t.subjectId, t.createdAt),
    index('comments_model_idx').on(t.modelId),
  ],
);
