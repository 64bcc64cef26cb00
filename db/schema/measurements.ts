import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  pgView,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { moment } from './access.ts';
import { models, modelVersions } from './models.ts';

/** One uploaded file. Its bytes are on disk before the row exists. */
export const batches = pgTable(
  'batches',
  {
    id: uuid().primaryKey(),
    modelId: uuid('model_id').notNull(),
    version: integer().notNull(),
    kind: text().notNull(),
    state: text().notNull(),
    format: text().notNull(),
    roles: jsonb().$type<unknown>().notNull(),
    /** SHA-256 of the bytes and of the roles: the same file sent twice counts once. */
    contentHash: text('content_hash').notNull(),
    bytes: bigint({ mode: 'number' }).notNull(),
    rawPath: text('raw_path').notNull(),
    parquetPath: text('parquet_path'),
    /** The reference that the types of the converted file are pinned by; null where it has none. */
    referenceId: uuid('reference_id'),
    /** The columns of the converted file with their roles and kinds. */
    columns: jsonb().$type<unknown>(),
    rows: bigint({ mode: 'number' }),
    windows: integer(),
    progress: text(),
    errors: jsonb().$type<unknown[]>().notNull().default([]),
    warnings: jsonb().$type<unknown[]>().notNull().default([]),
    /** The data contract the file was checked against, and where it departs from it. */
    contractVersion: integer('contract_version'),
    violations: jsonb().$type<unknown[]>().notNull().default([]),
    /** Rows that do not count, and the file that holds them with the reasons. */
    setAside: bigint('set_aside', { mode: 'number' }).notNull().default(0),
    asidePath: text('aside_path'),
    /** The first and last time of its rows that count. */
    firstAt: moment('first_at'),
    lastAt: moment('last_at'),
    createdBy: text('created_by').notNull(),
    createdAt: moment('created_at').notNull(),
    startedAt: moment('started_at'),
    finishedAt: moment('finished_at'),
  },
  (t) => [
    foreignKey({
      columns: [t.modelId, t.version],
      foreignColumns: [modelVersions.modelId, modelVersions.version],
    }).onDelete('cascade'),
    uniqueIndex('batches_content_key')
      .on(t.modelId, t.version, t.kind, t.contentHash)
      .where(sql`${t.state} not in ('failed', 'cancelled')`),
    index('batches_model_created_idx').on(t.modelId, t.createdAt),
  ],
);

/** What a version learned from: columns, fixed bins and counts. A new reference is a new row. */
export const references = pgTable(
  'reference_profiles',
  {
    id: uuid().primaryKey(),
    modelId: uuid('model_id').notNull(),
    version: integer().notNull(),
    batchId: uuid('batch_id').notNull(),
    current: boolean().notNull(),
    rows: bigint({ mode: 'number' }).notNull(),
    columns: jsonb().$type<unknown>().notNull(),
    profile: jsonb().$type<unknown>().notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    foreignKey({
      columns: [t.modelId, t.version],
      foreignColumns: [modelVersions.modelId, modelVersions.version],
    }).onDelete('cascade'),
    uniqueIndex('reference_profiles_current_key').on(t.modelId, t.version).where(sql`${t.current}`),
  ],
);

/** A span of time of a model, held against a reference, and its rows. */
const window = () => ({
  modelId: uuid('model_id')
    .notNull()
    .references(() => models.id, { onDelete: 'cascade' }),
  referenceId: uuid('reference_id').notNull(),
  start: moment('start').notNull(),
  end: moment('end').notNull(),
  n: bigint({ mode: 'number' }).notNull(),
});

/** Append-only: what one batch adds to one window. Their sum over batches is the window, in any order of arrival. Partitioned by year. */
export const windowContributions = pgTable(
  'window_contributions',
  {
    ...window(),
    batchId: uuid('batch_id').notNull(),
    counts: jsonb().$type<unknown>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.modelId, t.referenceId, t.start, t.batchId] })],
);

/**
 * The judged window: one row, with an array a figure in the order of the reference's columns (null where the window lacks the column),
 * which is read without parsing a document a column. Rewritten when a contribution arrives. States are
 * numbered as `lib/drift/judged.ts` lists them. Partitioned by year like the contributions.
 */
export const windows = pgTable(
  'windows',
  {
    ...window(),
    version: integer().notNull(),
    /** The score's method and version, and the chance of a false sign a window that its noise limits leave. */
    method: text().notNull(),
    alpha: doublePrecision().notNull(),
    filled: bigint({ mode: 'number' }).array().$type<(number | null)[]>().notNull(),
    psi: doublePrecision().array().$type<(number | null)[]>().notNull(),
    noiseLimit: doublePrecision('noise_limit').array().$type<(number | null)[]>().notNull(),
    states: smallint().array().$type<(number | null)[]>().notNull(),
    missing: smallint().array().$type<(number | null)[]>().notNull(),
    fresh: smallint().array().$type<(number | null)[]>().notNull(),
    /** The sum of its contributions, where these are many; null where they are few. */
    counts: jsonb().$type<unknown>(),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.modelId, t.referenceId, t.start] })],
);

/** What judged windows are summed from: the contributions to a window, or their sum in one row where it is kept. */
export const windowPieces = pgView('window_pieces', {
  modelId: uuid('model_id').notNull(),
  referenceId: uuid('reference_id').notNull(),
  start: moment('start').notNull(),
  end: moment('end').notNull(),
  n: bigint({ mode: 'number' }).notNull(),
  /** Null of a sum. */
  batchId: uuid('batch_id'),
  counts: jsonb().$type<unknown>().notNull(),
}).existing();

/** The newest judged window of each version, for who looks at all models at once; `revision` counts the judgements. */
export const latestWindows = pgTable(
  'latest_windows',
  {
    ...window(),
    version: integer().notNull(),
    revision: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.modelId, t.version] })],
);

/** Figures computed elsewhere, one row a moment. */
export const externalMetrics = pgTable(
  'external_metrics',
  {
    modelId: uuid('model_id')
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    metric: text().notNull(),
    at: moment('at').notNull(),
    version: integer().notNull().default(0),
    segment: text().notNull().default(''),
    value: text().notNull(),
    n: bigint({ mode: 'number' }),
  },
  (t) => [primaryKey({ columns: [t.modelId, t.metric, t.at, t.version, t.segment] })],
);

/**
 * Logged requests and responses until they are gathered into a batch, whose file then holds them; their ids stay for a day, so that a
 * logger that sends one again is understood.
 */
export const inferenceEvents = pgTable(
  'inference_events',
  {
    modelId: uuid('model_id')
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    version: integer().notNull(),
    eventId: text('event_id').notNull(),
    kind: text().notNull(),
    at: moment('at').notNull(),
    columns: jsonb().$type<unknown>().notNull(),
    /** Set once: a gathering that was interrupted is done again with exactly the events it had. */
    gathering: uuid(),
    gatheredAt: moment('gathered_at'),
    receivedAt: moment('received_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.modelId, t.eventId, t.kind] }),
    index('inference_events_gathering_idx').on(t.gathering),
    index('inference_events_received_idx').on(t.receivedAt),
    // What waits to be gathered is looked for every few seconds among all that is remembered for a day.
    index('inference_events_waiting_idx')
      .on(t.modelId, t.version)
      .where(sql`${t.kind} = 'response' and ${t.gathering} is null and ${t.gatheredAt} is null`),
  ],
);
