import { sql } from 'drizzle-orm';
import { type Db, statement } from '../../db/client.ts';
import { joined, numbered, type Piece, piece } from '../../db/sql-pieces.ts';
import type { Actor } from '../access/schema.ts';
import { listModels, viewModels } from '../models/queries.ts';
import { badParameter, oneOf } from '../shell/http.ts';
import { listCatalog } from './catalog.ts';
import { refreshDocuments } from './documents.ts';
import { facetsOf, narrow, sortCatalog } from './rules.ts';
import { CATALOG_SORTS, type CatalogFilter, type CatalogRow, FACETS } from './schema.ts';
import { isMeant, typosIn } from './typos.ts';

const LIMIT_MAX = 1000;
export const QUERY_MAX = 200;
const WORDS_MAX = 12;
/** Word similarity (pg_trgm) below which nothing can be a typo of the word: "chrun" and "churn" have 0.33. */
const SIMILAR = '0.25';
/** Of more than so many, nobody reads the list for its order. */
const RANKED_MAX = 2_000;
/** Of more than so many, reading all is quicker than naming each. */
const NAMED_MAX = 5_000;

const similarWords = statement<{ asked: string; word: string }>(`select asked.word as asked, known.word
  from unnest($1::text[]) asked (word) join search_words known on known.word %> asked.word`);

/** Of each word the ones it may stand for with a typo in it, of all that there are in the catalogue. */
async function meantBy(db: Db, words: readonly string[]): Promise<Map<string, string[]>> {
  const mistaken = words.filter((word) => typosIn(word) > 0);
  if (mistaken.length === 0) return new Map();
  const similar = await db.transaction(async (transaction) => {
    const tx = transaction as Db;
    await tx.execute(sql`select set_config('pg_trgm.word_similarity_threshold', ${SIMILAR}, true)`);
    return similarWords(tx, [mistaken]);
  });
  const meant = similar.filter(({ asked, word }) => isMeant(asked, word));
  return new Map(mistaken.map((word) => [word, meant.flatMap((one) => (one.asked === word ? [one.word] : []))]));
}

/** Is the word a part of the document as it is, or with a typo, or is another form of it there? A number has no other form. */
function isThere(word: string, meant: readonly string[]): Piece {
  const asItIs = piece('d.doc ilike ?::text', `%${word.replace(/[\\%_]/g, '\\$&')}%`);
  if (/^\d+$/.test(word)) return asItIs;
  const inflected = piece("d.terms @@ plainto_tsquery('english', ?::text)", word);
  const mistyped = meant.length > 0 ? [piece('d.words && ?::text[]', [...meant])] : [];
  return joined([asItIs, inflected, ...mistyped], ' or ');
}

/**
 * The names of the models that a person's words may mean, best first. Every word must be there: as a part of one, with a
 * typo, or in another form of it (full text: "leaving" finds "leave"). Each way has its index over the documents.
 */
export async function findByWords(db: Db, text: string): Promise<string[]> {
  await refreshDocuments(db);
  const words = text.split(/\s+/).filter(Boolean).slice(0, WORDS_MAX);
  const meant = await meantBy(db, [...new Set(words.map((word) => word.toLowerCase()))]);
  const all = joined(
    words.map((word) => isThere(word, meant.get(word.toLowerCase()) ?? [])),
    ') and (',
  );
  const found = joined(
    [
      piece('with found as materialized (select d.name, d.doc from search_documents d'),
      piece(
        `where (${all.text || 'true'})), counted as (select count(*) <= ${RANKED_MAX} as few from found)`,
        ...all.values,
      ),
      piece('select name from found, counted order by'),
      piece('(few and position(lower(?::text) in lower(doc)) > 0) desc,', text),
      piece('case when few then word_similarity(?::text, name) end desc,', text),
      piece('case when few then word_similarity(?::text, doc) end desc, name', text),
    ],
    ' ',
  );
  const rows = await statement<{ name: string }>(numbered(found.text))(db, found.values);
  return rows.map(({ name }) => name);
}

/** The words of a question. */
function wordsIn(query: URLSearchParams): string {
  const text = query.get('q')?.trim() ?? '';
  if (text.length > QUERY_MAX) throw badParameter('q', `must have at most ${QUERY_MAX} characters`);
  if (text.includes('\0')) throw badParameter('q', 'must not hold NUL characters');
  return text;
}

/** The names of all that the words may mean, best first; the catalogue on the screen has the rest, and leaves out what it does not list. */
export const findNames = async (db: Db, query: URLSearchParams): Promise<{ names: string[] }> => ({
  names: await findByWords(db, wordsIn(query)),
});

/** The catalogue by words and facets; every facet's count is what choosing it would leave. */
export async function searchModels(db: Db, actor: Actor, query: URLSearchParams, now: Date) {
  const limit = Number(query.get('limit') ?? '100');
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX)
    throw badParameter('limit', `must be 1 to ${LIMIT_MAX}`);
  const offset = Number(query.get('cursor') ?? '0');
  if (!Number.isInteger(offset) || offset < 0) throw badParameter('cursor', 'must be a cursor this list gave');
  const text = wordsIn(query);
  const sort = oneOf('sort', CATALOG_SORTS, query.get('sort'));
  const filter: CatalogFilter = Object.fromEntries(
    FACETS.map((facet) => [facet, query.get(facet)?.trim() || undefined]),
  );
  const names = text ? await findByWords(db, text) : undefined;
  const { catalog } = await listCatalog(db, actor, now, names && names.length <= NAMED_MAX ? names : undefined);
  const found = names ? ranked(catalog, names) : catalog;
  const kept = narrow(found, filter);
  const page = (sort ? sortCatalog(kept, sort) : kept).slice(offset, offset + limit);
  const rowOf = new Map((await listModels(db, page)).map((row) => [row.name, row]));
  const views = await viewModels(
    db,
    page.flatMap(({ name }) => rowOf.get(name) ?? []),
  );
  const healthOf = new Map(page.map((row) => [row.name, row.health]));
  return {
    items: views.map((view) => ({ ...view, health: healthOf.get(view.name) ?? 'no_goal' })),
    total: kept.length,
    nextCursor: kept.length > offset + limit ? String(offset + limit) : null,
    facets: facetsOf(found, filter),
  };
}

function ranked(catalog: readonly CatalogRow[], names: readonly string[]): CatalogRow[] {
  const byName = new Map(catalog.map((row) => [row.name, row]));
  return names.flatMap((name) => byName.get(name) ?? []);
}
