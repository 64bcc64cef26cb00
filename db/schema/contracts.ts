import { foreignKey, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { moment } from './access.ts';
import { modelVersions } from './models.ts';

/** Immutable: every data contract of a model's version is a row of its own with who, when and why. */
export const dataContracts = pgTable(
  'data_contracts',
  {
    modelId: uuid('model_id').notNull(),
    modelVersion: integer('model_version').notNull(),
    version: integer().notNull(),
    referenceId: uuid('reference_id').notNull(),
    contract: jsonb().$type<unknown>().notNull(),
    reason: text().notNull(),
    createdBy: text('created_by').notNull(),
    createdByName: text('created_by_name').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.modelId, t.modelVersion, t.version] }),
    foreignKey({
      columns: [t.modelId, t.modelVersion],
      foreignColumns: [modelVersions.modelId, modelVersions.version],
    }).onDelete('cascade'),
  ],
);
