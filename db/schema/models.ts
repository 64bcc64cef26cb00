import { sql } from 'drizzle-orm';
import {
  boolean,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { moment } from './access.ts';

export const models = pgTable(
  'models',
  {
    id: uuid().primaryKey(),
    name: text().notNull(),
    title: text(),
    description: text(),
    domain: text(),
    useCase: text('use_case'),
    tier: text(),
    ownerProduct: text('owner_product'),
    ownerData: text('owner_data'),
    ownerOps: text('owner_ops'),
    /** The highest version number ever given; never reused (registry protocol 1.5). */
    lastVersion: integer('last_version').notNull().default(0),
    demo: boolean().notNull().default(false),
    version: integer().notNull().default(1),
    createdBy: text('created_by').notNull(),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [
    uniqueIndex('models_name_key').on(t.name),
    index('models_updated_idx').on(t.updatedAt, t.name),
    // For `name LIKE '%part%'`. Every search reads what is pending from end to end: 64 kB of it (some 150 names), not 4 MB.
    index('models_name_trgm').using('gin', sql`${t.name} gin_trgm_ops`).with({ gin_pending_list_limit: 64 }),
  ],
);

export const modelTags = pgTable(
  'model_tags',
  {
    modelId: uuid('model_id')
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    key: text().notNull(),
    value: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.modelId, t.key] }),
    index('model_tags_key_value_idx').on(t.key, sql`left(${t.value}, 200)`),
  ],
);

export const modelVersions = pgTable(
  'model_versions',
  {
    modelId: uuid('model_id')
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    version: integer().notNull(),
    source: text().notNull(),
    /** What `get-download-uri` answers: the source with `models:/name/version` resolved once. */
    location: text().notNull(),
    digest: text(),
    runId: text('run_id').notNull().default(''),
    runLink: text('run_link').notNull().default(''),
    loggedModelId: text('logged_model_id'),
    description: text().notNull().default(''),
    stage: text().notNull().default('None'),
    metrics: jsonb().$type<Record<string, number>>().notNull().default({}),
    params: jsonb().$type<Record<string, string>>().notNull().default({}),
    signature: jsonb().$type<unknown>(),
    dataset: jsonb().$type<unknown>(),
    /** The account behind it: the registrant may not sign the version off. */
    createdById: text('created_by_id').notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
    deletedAt: moment('deleted_at'),
  },
  (t) => [
    primaryKey({ columns: [t.modelId, t.version] }),
    uniqueIndex('model_versions_digest_key')
      .on(t.modelId, t.digest)
      .where(sql`${t.digest} is not null and ${t.deletedAt} is null`),
    index('model_versions_run_idx').on(t.runId).where(sql`${t.runId} <> ''`),
    index('model_versions_updated_idx').on(t.updatedAt),
  ],
);

export const versionTags = pgTable(
  'version_tags',
  {
    modelId: uuid('model_id').notNull(),
    version: integer().notNull(),
    key: text().notNull(),
    value: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.modelId, t.version, t.key] }),
    foreignKey({
      columns: [t.modelId, t.version],
      foreignColumns: [modelVersions.modelId, modelVersions.version],
    }).onDelete('cascade'),
    index('version_tags_key_value_idx').on(t.key, sql`left(${t.value}, 200)`),
  ],
);

/** How much each column matters to a version, as its makers measured it; the values as sent. */
export const versionImportance = pgTable(
  'version_importance',
  {
    modelId: uuid('model_id').notNull(),
    version: integer().notNull(),
    method: text().notNull(),
    values: jsonb().$type<Record<string, number>>().notNull(),
    sentBy: text('sent_by').notNull(),
    sentAt: moment('sent_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.modelId, t.version] }),
    foreignKey({
      columns: [t.modelId, t.version],
      foreignColumns: [modelVersions.modelId, modelVersions.version],
    }).onDelete('cascade'),
  ],
);

/** Columns by which people must not fare worse, and which answer is the good one for them. */
export const modelProtection = pgTable('model_protection', {
  modelId: uuid('model_id')
    .primaryKey()
    .references(() => models.id, { onDelete: 'cascade' }),
  columns: jsonb().$type<{ column: string; base: string | null }[]>().notNull(),
  favourable: text().notNull(),
  reason: text().notNull(),
  namedBy: text('named_by').notNull(),
  namedAt: moment('named_at').notNull(),
});

export const modelAliases = pgTable(
  'model_aliases',
  {
    modelId: uuid('model_id').notNull(),
    alias: text().notNull(),
    version: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.modelId, t.alias] }),
    foreignKey({
      columns: [t.modelId, t.version],
      foreignColumns: [modelVersions.modelId, modelVersions.version],
    }).onDelete('cascade'),
  ],
);
