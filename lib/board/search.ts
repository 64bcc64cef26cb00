import { and, type SQL, sql } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import type { Actor } from '../access/schema.ts';
import { viewModels } from '../models/queries.ts';
import { badParameter, oneOf } from '../shell/http.ts';
import { listCatalog } from './catalog.ts';
import { facetsOf, narrow, sortCatalog } from './rules.ts';
import { CATALOG_SORTS, type CatalogFilter, type CatalogRow, FACETS } from './schema.ts';
import { typosIn, wordFinder } from './typos.ts';

const LIMIT_MAX = 1000;
export const QUERY_MAX = 200;
const WORDS_MAX = 12;
/** Word similarity (pg_trgm) below which nothing can be a typo of the word: "chrun" and "churn" have 0.33. */
const SIMILAR = 0.25;

/**
 * All that a model can be found by: its names, what it is for, who owns it, its tags, goals, metrics and aliases. Put
 * together once for all models, table by table: asked for model by model, and again for each word, it took minutes at
 * 100,000 models.
 */
const DOCUMENTS = sql`
  tags as (select model_id, string_agg(key || ' ' || left(value, 200), ' ') as words from model_tags group by model_id),
  aliases as (select model_id, string_agg(alias, ' ') as words from model_aliases group by model_id),
  goals as (select k.model_id,
      string_agg(concat_ws(' ', v.contract ->> 'name', v.contract ->> 'metric', v.contract ->> 'question'), ' ') as words
    from kpis k join kpi_versions v on v.kpi_id = k.id and v.version = k.version
    where k.deleted_at is null group by k.model_id),
  d as materialized (select m.name, concat_ws(' ', m.name, m.title, m.domain, m.use_case, m.description, m.owner_product,
      m.owner_data, m.owner_ops, tags.words, aliases.words, goals.words) as doc
    from models m left join tags on tags.model_id = m.id left join aliases on aliases.model_id = m.id
      left join goals on goals.model_id = m.id)`;

/** Is the word a part of the text as it is, or is another form of it there? A number has no other form. */
function isThere(word: string): SQL {
  const asItIs = sql`d.doc ilike ${`%${word.replace(/[\\%_]/g, '\\$&')}%`}`;
  if (/^\d+$/.test(word)) return asItIs;
  return sql`(${asItIs} or to_tsvector('english', d.doc) @@ plainto_tsquery('english', ${word}))`;
}

/**
 * The names of the models that a person's words may mean, best first. Every word must be there: as a part of one, with
 * a typo, or in another form of it (full text: "leaving" finds "leave"). Each text is looked at letter by letter, and of
 * those that only seem to hold a word with a typo the ones go that share too little with it. That is asked of few, for
 * trigrams would find "run" in everything, and comparing them is what takes the longest.
 */
export async function findByWords(db: Db, text: string): Promise<string[]> {
  const words = text.split(/\s+/).filter(Boolean).slice(0, WORDS_MAX);
  const mistaken = words.filter((word) => typosIn(word) > 0);
  const exact = words.filter((word) => typosIn(word) === 0);
  const all = await db.execute<{ name: string; doc: string; there: boolean[] }>(sql`
    with ${DOCUMENTS} select d.name, d.doc, array[${sql.join(words.map(isThere), sql`, `)}]::boolean[] as there
    from d where ${and(sql`true`, ...exact.map(isThere))}`);
  const finders = words.map(wordFinder);
  const found = all.filter(({ doc, there }) => finders.every((find, i) => there[i] || find(doc)));
  const alike = mistaken.map((word) => sql`(${isThere(word)} or word_similarity(${word}, d.doc) >= ${SIMILAR})`);
  const ordered = await db.execute<{ name: string }>(sql`
    select d.name from unnest(${sql.param(found.map(({ name }) => name))}::text[],
      ${sql.param(found.map(({ doc }) => doc))}::text[]) as d (name, doc)
    where ${and(sql`true`, ...alike)}
    order by position(lower(${text}) in lower(d.doc)) > 0 desc, word_similarity(${text}, d.name) desc,
      word_similarity(${text}, d.doc) desc, d.name`);
  return ordered.map(({ name }) => name);
}

/** The catalogue by words and facets; every facet's count is what choosing it would leave. */
export async function searchModels(db: Db, actor: Actor, query: URLSearchParams, now: Date) {
  const limit = Number(query.get('limit') ?? '100');
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX)
    throw badParameter('limit', `must be 1 to ${LIMIT_MAX}`);
  const offset = Number(query.get('cursor') ?? '0');
  if (!Number.isInteger(offset) || offset < 0) throw badParameter('cursor', 'must be a cursor this list gave');
  const text = query.get('q')?.trim() ?? '';
  if (text.length > QUERY_MAX) throw badParameter('q', `must have at most ${QUERY_MAX} characters`);
  if (text.includes('\0')) throw badParameter('q', 'must not hold NUL characters');
  const sort = oneOf('sort', CATALOG_SORTS, query.get('sort'));
  const filter: CatalogFilter = Object.fromEntries(
    FACETS.map((facet) => [facet, query.get(facet)?.trim() || undefined]),
  );
  const { rows, catalog } = await listCatalog(db, actor, now);
  const found = text ? ranked(catalog, await findByWords(db, text)) : catalog;
  const kept = narrow(found, filter);
  const page = (sort ? sortCatalog(kept, sort) : kept).slice(offset, offset + limit);
  const rowOf = new Map(rows.map((row) => [row.name, row]));
  const views = await viewModels(
    db,
    page.flatMap((row) => rowOf.get(row.name) ?? []),
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
