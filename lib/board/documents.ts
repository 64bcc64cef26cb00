import { type Db, statement } from '../../db/client.ts';
import { type Rounds, startRounds } from '../base/rounds.ts';
import { MINUTE_MS } from '../base/time.ts';

/**
 * What each model can be found by, kept as one text with its words and stems. Writers of the registry do not pay for it:
 * every command that changes a model leaves a row in the outbox, and whoever searches first brings the models of the rows
 * since then up to date, the ones that the pump has not published yet included. So a search sees what was committed before
 * it. Changes of goals are told there as well.
 */
const AT_ONCE = 2_000;
/** Without a search for long, the first one would have to wait for everything. */
const REFRESH_EVERY_MS = 5 * MINUTE_MS;

/** What is not published yet and the next of what is; `more` is there where that was not all. */
const changedSince = statement<{ names: string[] | null; position: string | null; more: boolean }>(`
  with news as (select model, null::bigint as position from outbox where position is null
    union all (select model, position from outbox where position > (select position from search_state)
      order by position limit ${AT_ONCE}))
  select array_agg(distinct model) filter (where model is not null) as names, max(position) as position,
    count(position) = ${AT_ONCE} as more from news`);
const lockState = statement('select 1 from search_state for update');
const keepPosition = statement('update search_state set position = $1::bigint where position < $1::bigint');
const withoutDocument = statement<{ names: string[] | null }>(`select array_agg(m.name) as names from models m
  where not exists (select 1 from search_documents d where d.model_id = m.id)`);

/** Models are locked as they are read, so that one that is deleted meanwhile is left out rather than in the way. */
const write = statement(`
  with asked as (select m.* from models m where m.name = any($1::text[]) order by m.id for key share),
  documents as (select m.id, m.name, concat_ws(' ', m.name, m.title, m.domain, m.use_case, m.description, m.owner_product,
      m.owner_data, m.owner_ops,
      (select string_agg(t.key || ' ' || left(t.value, 200), ' ') from model_tags t where t.model_id = m.id),
      (select string_agg(a.alias, ' ') from model_aliases a where a.model_id = m.id),
      (select string_agg(concat_ws(' ', v.contract ->> 'name', v.contract ->> 'metric', v.contract ->> 'question'), ' ')
        from kpis k join kpi_versions v on v.kpi_id = k.id and v.version = k.version
        where k.model_id = m.id and k.deleted_at is null)) as doc from asked m),
  made as (select id, name, doc, array(select distinct word from regexp_split_to_table(lower(doc), '[^[:alnum:]]+') word
      where word ~ '[[:alpha:]]' and length(word) between 3 and 100) as words from documents),
  kept as (insert into search_documents as held (model_id, name, doc, words, terms)
    select id, name, doc, words, to_tsvector('english', doc) from made
    on conflict (model_id) do update set name = excluded.name, doc = excluded.doc, words = excluded.words, terms = excluded.terms
      where held.doc <> excluded.doc returning words)
  insert into search_words select distinct word from kept, unnest(words) word on conflict do nothing`);

/** Models that came by another way than a command: restored, filled in, or older than their documents. */
const wholeFor = new WeakSet<Db>();

/**
 * Brings the documents up to what is committed now. In steps that are committed one by one: what a transaction has written
 * about a model holds up whoever renames or deletes that model, and the turn of the next search.
 */
export async function refreshDocuments(db: Db): Promise<void> {
  if (!wholeFor.has(db)) {
    const [missing] = await withoutDocument(db, []);
    await writeAll(db, missing?.names ?? []);
    wholeFor.add(db);
  }
  for (let more = true; more; ) {
    const [news] = await changedSince(db, []);
    if (!news?.names && !news?.more) return;
    more = await db.transaction(async (transaction) => {
      const tx = transaction as Db;
      // One at a time; who waited reads on from where the other has come to.
      await lockState(tx, []);
      const [now] = await changedSince(tx, []);
      await writeAll(tx, now?.names ?? []);
      if (now?.position) await keepPosition(tx, [now.position]);
      return now?.more ?? false;
    });
  }
}

/** A statement for so many models at a time, none of which takes as long as a screen waits for one. */
async function writeAll(db: Db, names: readonly string[]): Promise<void> {
  for (let from = 0; from < names.length; from += AT_ONCE) await write(db, [names.slice(from, from + AT_ONCE)]);
}

/** Refreshes from time to time, until told to stop. */
export const startRefreshing = (db: Db): Rounds =>
  startRounds('search documents', REFRESH_EVERY_MS, () => refreshDocuments(db));
