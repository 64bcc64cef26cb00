import { sql } from 'drizzle-orm';
import { bigint, customType, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { models } from './models.ts';

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' });

/** All that a model can be found by, put together from what it was after some of its changes (lib/board/documents.ts). */
export const searchDocuments = pgTable(
  'search_documents',
  {
    modelId: uuid('model_id')
      .primaryKey()
      .references(() => models.id, { onDelete: 'cascade' }),
    /** The model's own, so that finding it needs no look at the model. */
    name: text().notNull(),
    doc: text().notNull(),
    /** Its words in lower case, without numbers: in those, a slip means another number. */
    words: text().array().notNull(),
    terms: tsvector().notNull(),
  },
  (t) => [
    index('search_documents_doc_trgm').using('gin', sql`${t.doc} gin_trgm_ops`),
    index('search_documents_words_idx').using('gin', t.words),
    index('search_documents_terms_idx').using('gin', t.terms),
  ],
);

/** Every word that a document had once: what a word with a typo may mean. */
export const searchWords = pgTable('search_words', { word: text().primaryKey() }, (t) => [
  index('search_words_trgm').using('gin', sql`${t.word} gin_trgm_ops`),
]);

/** One row: the documents hold what was published up to this position of the outbox. */
export const searchState = pgTable('search_state', {
  id: integer().primaryKey(),
  position: bigint({ mode: 'number' }).notNull(),
});
