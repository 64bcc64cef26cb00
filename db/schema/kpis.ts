import { sql } from 'drizzle-orm';
import {
  bigint,
  doublePrecision,
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
import { models } from './models.ts';

export const kpis = pgTable(
  'kpis',
  {
    id: uuid().primaryKey(),
    modelId: uuid('model_id')
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    version: integer().notNull(),
    createdAt: moment('created_at').notNull(),
    deletedAt: moment('deleted_at'),
  },
  (t) => [uniqueIndex('kpis_model_name_key').on(t.modelId, t.name).where(sql`${t.deletedAt} is null`)],
);

/** Immutable: every save is a row of its own with who, when and why. */
export const kpiVersions = pgTable(
  'kpi_versions',
  {
    kpiId: uuid('kpi_id')
      .notNull()
      .references(() => kpis.id, { onDelete: 'cascade' }),
    version: integer().notNull(),
    contract: jsonb().$type<unknown>().notNull(),
    direction: text().notNull(),
    reason: text().notNull(),
    createdBy: text('created_by').notNull(),
    createdByName: text('created_by_name').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.kpiId, t.version] })],
);

const pointColumns = () => ({
  kpiId: uuid('kpi_id')
    .notNull()
    .references(() => kpis.id, { onDelete: 'cascade' }),
  at: moment('at').notNull(),
  kpiVersion: integer('kpi_version').notNull(),
  value: doublePrecision(),
  lo: doublePrecision(),
  hi: doublePrecision(),
  n: bigint({ mode: 'number' }).notNull(),
  /** Null where they are not counted. */
  positives: bigint({ mode: 'number' }),
  state: text().notNull(),
  /** Since when it is known as it is here. */
  evaluatedAt: moment('evaluated_at').notNull(),
});

/** The evaluated series, with the version of the limits that was in force. */
export const kpiPoints = pgTable('kpi_points', pointColumns(), (t) => [primaryKey({ columns: [t.kpiId, t.at] })]);

/** What a point was before it was known better: late and corrected outcomes change the past, and who decided on it then is not forgotten. A trigger writes it. */
export const kpiPointRevisions = pgTable('kpi_point_revisions', pointColumns(), (t) => [
  primaryKey({ columns: [t.kpiId, t.at, t.evaluatedAt] }),
]);

export const incidents = pgTable(
  'incidents',
  {
    id: bigint({ mode: 'number' }).generatedByDefaultAsIdentity().primaryKey(),
    modelId: uuid('model_id')
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    kpiId: uuid('kpi_id').notNull(),
    kpiVersion: integer('kpi_version').notNull(),
    kpiName: text('kpi_name').notNull(),
    state: text().notNull(),
    openedAt: moment('opened_at').notNull(),
    windowStart: moment('window_start').notNull(),
    value: doublePrecision(),
    limit: doublePrecision('limit_value'),
    assignee: text(),
    acknowledgedBy: text('acknowledged_by'),
    acknowledgedAt: moment('acknowledged_at'),
    snoozedUntil: moment('snoozed_until'),
    recoveredAt: moment('recovered_at'),
    resolvedBy: text('resolved_by'),
    resolvedAt: moment('resolved_at'),
    cause: text(),
    note: text(),
  },
  (t) => [
    uniqueIndex('incidents_open_key').on(t.kpiId).where(sql`${t.state} <> 'resolved'`),
    index('incidents_model_idx').on(t.modelId, t.openedAt),
  ],
);
