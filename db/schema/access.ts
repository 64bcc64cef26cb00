import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core';

export const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'date', precision: 3 });

export const users = pgTable(
  'users',
  {
    id: uuid().primaryKey(),
    email: text().notNull(),
    name: text().notNull(),
    passwordHash: text('password_hash'),
    roles: text().array().notNull(),
    demo: boolean().notNull().default(false),
    disabledAt: moment('disabled_at'),
    version: integer().notNull().default(1),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [uniqueIndex('users_email_key').on(sql`lower(${t.email})`)],
);

export const sessions = pgTable(
  'sessions',
  {
    id: uuid().primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    revokedAt: moment('revoked_at'),
  },
  (t) => [index('sessions_user_idx').on(t.userId)],
);

/** A token acts within the rights its owner has now; only its SHA-256 is kept. */
export const tokens = pgTable(
  'tokens',
  {
    id: uuid().primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    secretHash: text('secret_hash').notNull(),
    hint: text().notNull(),
    scopes: text().array().notNull(),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at'),
    revokedAt: moment('revoked_at'),
    lastUsedAt: moment('last_used_at'),
  },
  (t) => [uniqueIndex('tokens_secret_hash_key').on(t.secretHash), index('tokens_user_idx').on(t.userId)],
);

/** The catalogue as somebody wants to find it again: the filters of its address, under a name of their own. */
export const savedViews = pgTable(
  'saved_views',
  {
    id: uuid().primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    query: jsonb().$type<Record<string, string>>().notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [uniqueIndex('saved_views_user_name_key').on(t.userId, t.name)],
);

/** Failed sign-ins by e-mail and by address; counting them in the database makes the limit hold across replicas. */
export const signInFailures = pgTable(
  'sign_in_failures',
  { key: text().notNull(), at: moment('at').notNull() },
  (t) => [index('sign_in_failures_key_at_idx').on(t.key, t.at)],
);

/** Set-up links, usable once. */
export const setupLinks = pgTable('setup_links', {
  secretHash: text('secret_hash').primaryKey(),
  createdAt: moment('created_at').notNull(),
  expiresAt: moment('expires_at').notNull(),
  usedAt: moment('used_at'),
});

/** The organisation's own settings: one row. */
export const workspace = pgTable('workspace', {
  id: integer().primaryKey().default(1),
  name: text().notNull(),
  timezone: text().notNull(),
  currency: text().notNull(),
  demoLoadedAt: moment('demo_loaded_at'),
  extra: jsonb().$type<Record<string, unknown>>().notNull().default({}),
});
