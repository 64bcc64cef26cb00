import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { moment } from './access.ts';

/** One bringing over of another server's registry. It goes through the models by name; `reached` is the last one done. */
export const imports = pgTable(
  'imports',
  {
    id: uuid().primaryKey(),
    source: text().notNull(),
    /** Sealed (AES-256-GCM); null asks without credentials. Gone once the import has finished, unless it follows. */
    token: text(),
    /** Sealed: what signs the other server's webhooks; null follows nothing. */
    followSecret: text('follow_secret'),
    state: text().notNull(),
    reached: text(),
    modelsTotal: integer('models_total'),
    modelsDone: integer('models_done').notNull().default(0),
    modelsCreated: integer('models_created').notNull().default(0),
    versionsAdded: integer('versions_added').notNull().default(0),
    conflictCount: integer('conflict_count').notNull().default(0),
    failureCount: integer('failure_count').notNull().default(0),
    /** The first of each, as many as a reader would go through. */
    conflicts: jsonb().$type<ImportConflict[]>().notNull().default([]),
    failures: jsonb().$type<ImportFailure[]>().notNull().default([]),
    /** Why it stopped, in words for whoever started it. */
    error: text(),
    startedById: text('started_by_id').notNull(),
    startedBy: text('started_by').notNull(),
    startedAt: moment('started_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
    finishedAt: moment('finished_at'),
  },
  (t) => [
    index('imports_started_idx').on(t.startedAt),
    uniqueIndex('imports_running_key').on(t.source).where(sql`${t.state} in ('queued', 'running')`),
  ],
);

export type ImportConflict = { model: string; what: string; held: string; offered: string };
export type ImportFailure = { model: string; message: string };
