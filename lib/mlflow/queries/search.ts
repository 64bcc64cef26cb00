import { LRUCache } from 'lru-cache';
import { type Db, plannedOnce } from '../../../db/client.ts';
import { type Found, readSnapshot } from '../../../db/snapshot.ts';
import type { Piece } from '../../../db/sql-pieces.ts';
import type { FirstStatement } from '../../access/queries.ts';
import { JsonText } from '../../base/json-text.ts';
import { KeptTexts } from '../../base/kept-texts.ts';
import { MINUTE_MS } from '../../base/time.ts';
import { NoTurn, turns } from '../../base/turns.ts';
import { MARKS_PROMPT } from '../../models/rules/registry-events.ts';
import { AppError } from '../../shell/errors.ts';
import type { Search as Early } from '../../shell/http.ts';
import {
  type Condition,
  compare,
  filterSql,
  onlyCondition,
  orderSql,
  parseFilter,
  type Searchable,
} from '../search-filter.ts';
import { pageSize, pageToken, readPageToken, textPage } from '../wire.ts';
import { findVersionTexts, modelTexts, versionTexts } from './messages.ts';
import {
  type Few,
  fewModels,
  MODELS_BY_KEY_MAX,
  type ModelStamp,
  modelStamps,
  modelsOfTag,
  readStamps,
  VERSIONS_BY_KEY_MAX,
  type VersionStamp,
  versionStamps,
  versionsOfModel,
  versionsOfRun,
  type Window,
} from './rows.ts';

export type Search = {
  filter: string;
  order_by: string[];
  max_results?: number | undefined;
  page_token?: string | undefined;
};

export const modelSearch: Searchable = {
  attributes: { name: { column: 'models.name', kind: 'text', list: true } },
  sorts: {
    name: { field: 'name', column: 'models.name' },
    timestamp: { field: 'updated', column: 'models.updated_at' },
    last_updated_timestamp: { field: 'updated', column: 'models.updated_at' },
  },
  tags: 'select 1 from model_tags t where t.model_id = models.id',
  // Not as `not exists`: planning that join takes twice the time, and this is planned for its values each time.
  sortKey: 'order by key',
  noPrompt: `(select true from model_tags t where t.model_id = models.id and ${MARKS_PROMPT}) is null`,
};
const MODEL_ORDER_END: readonly string[] = ['models.name asc'];

const VERSION_TAGS =
  'select 1 from version_tags t where t.model_id = model_versions.model_id and t.version = model_versions.version';

export const versionSearch: Searchable = {
  attributes: {
    name: { column: 'models.name', kind: 'text', list: true },
    source_path: { column: 'model_versions.source', kind: 'text' },
    run_id: { column: 'model_versions.run_id', kind: 'text', list: true },
    version_number: { column: 'model_versions.version', kind: 'number' },
  },
  sorts: {
    name: { field: 'name', column: 'models.name' },
    version_number: { field: 'version', column: 'model_versions.version' },
    creation_timestamp: { field: 'created', column: 'model_versions.created_at' },
    last_updated_timestamp: { field: 'updated', column: 'model_versions.updated_at' },
  },
  tags: VERSION_TAGS,
  sortKey: 'attribute key',
  noPrompt: `not exists (${VERSION_TAGS} and ${MARKS_PROMPT})`,
};
const VERSION_ORDER_END: readonly string[] = ['models.name asc', 'model_versions.version desc'];
const VERSION_ORDER: readonly string[] = ['last_updated_timestamp DESC'];

/** The protocol's own caps: what the server answers when nothing is asked, and the most it answers. */
const MODELS_PER_PAGE = { standard: 100, most: 1000 };
const VERSIONS_PER_PAGE = { standard: 200_000, most: 200_000 };

/** A page up to here is read at once; of a longer one it is found out first whether there is so much at all. */
const SMALL_PAGE = 1_000;
/**
 * Pages as they were made, each for one snapshot of the database: while no transaction ends, nothing on them can have changed.
 * Of fewer rows than this, finding them anew costs little more than asking for the snapshot.
 */
const KEPT_FROM_ROWS = 12;
const KEPT_CHARACTERS = 16 * 1024 * 1024;
/** One page may not push out all the others, nor may its name be a text of 100 kB. */
const [LONGEST_KEPT_PAGE, LONGEST_KEPT_NAME] = [2 * 1024 * 1024, 2_000];
const keptPages = new KeptTexts(KEPT_CHARACTERS);

/** Searches that found more than few, and are planned for their values from then on for a while. */
const wideSearches = new LRUCache<string, true>({ max: 1_000, ttl: 10 * MINUTE_MS });

/** The protocol's longest page takes some 100 MB while it is made: many of them together would end the process. */
const longPages = turns(1, 8);

type List<S extends ModelStamp> = {
  field: string;
  searchable: Searchable;
  sizes: { standard: number; most: number };
  order: readonly string[];
  orderEnd: readonly string[];
  stamps: (window: Window) => Piece;
  texts: (db: Db, rows: S[]) => Promise<string[]>;
  /** The texts of the whole page as `Few`, where few are expected. */
  few?: (asked: Asked) => Piece | undefined;
  /** The texts of a whole page in one, where a search comes down to a key. */
  textByKey?: (asked: Asked) => ((db: Db) => Promise<string | undefined>) | undefined;
};

/** Letters and digits in a row without which the index of the names' parts is read from end to end. */
const SELECTIVE = /[^%_]{3}/;

const modelsByTag = modelsOfTag(modelSearch.noPrompt);

/** One page of registered models: one statement for what is on it, and one more for messages that are not kept. */
export const searchModels = searching<ModelStamp>({
  field: 'registered_models',
  searchable: modelSearch,
  sizes: MODELS_PER_PAGE,
  order: [],
  orderEnd: MODEL_ORDER_END,
  stamps: modelStamps,
  texts: modelTexts,
  few: ({ conditions, isOrdered, size, offset }) => {
    const name = onlyCondition(conditions);
    if (name?.type !== 'attribute' || isOrdered || offset > 0 || size < MODELS_BY_KEY_MAX) return undefined;
    if (!name.comparator.endsWith('LIKE') || !SELECTIVE.test(String(name.value))) return undefined;
    return fewModels(compare(modelSearch.attributes.name!.column, name.comparator, name.value), modelSearch.noPrompt);
  },
  textByKey: ({ conditions, isOrdered, size, offset }) => {
    const tag = onlyCondition(conditions);
    if (tag?.type !== 'tag' || tag.comparator !== '=') return undefined;
    if (isOrdered || offset > 0 || size < MODELS_BY_KEY_MAX) return undefined;
    return (db) => modelsByTag(db, tag.key, String(tag.value));
  },
});

const versionOrder = orderSql(VERSION_ORDER, versionSearch, VERSION_ORDER_END);
const versionsByName = versionsOfModel(versionSearch.noPrompt, versionOrder);
const versionsByRun = versionsOfRun(versionSearch.noPrompt, versionOrder);

/** One page of model versions; all of one model and of one run, which is what clients ask for most, by key. */
export const searchVersions = searching<VersionStamp>({
  field: 'model_versions',
  searchable: versionSearch,
  sizes: VERSIONS_PER_PAGE,
  order: VERSION_ORDER,
  orderEnd: VERSION_ORDER_END,
  stamps: versionStamps,
  texts: versionTexts,
  textByKey: ({ conditions: [only, more], isOrdered, size, offset }) => {
    if (only?.type !== 'attribute' || only.comparator !== '=' || more) return undefined;
    if (isOrdered || offset > 0 || size < VERSIONS_BY_KEY_MAX) return undefined;
    if (only.key === 'name') return (db) => findVersionTexts(db, String(only.value), versionsByName);
    if (only.key === 'run_id' && only.value !== '') return (db) => versionsByRun(db, String(only.value));
    return undefined;
  },
});

/** What is to be read for a search. */
function searching<S extends ModelStamp>(list: List<S>) {
  return (search: Search): Early & { read: (db: Db) => Promise<JsonText> } => {
    const asked = readSearch(search, list);
    const { size } = asked;
    const stamps = list.stamps({ ...asked, limit: Math.min(size, SMALL_PAGE) + 1 });
    const name = JSON.stringify([list.field, search]);
    const few = name.length > LONGEST_KEPT_NAME || wideSearches.has(name) ? undefined : list.few?.(asked);
    const first: FirstStatement = few ? { piece: few, on: plannedOnce } : { piece: stamps };
    const readFirst = (db: Db) => readStamps(first.on?.(db) ?? db, first.piece);
    const make = async (db: Db, { rows, snapshot }: Found): Promise<JsonText> => {
      // One row more than asked for tells whether a further page exists.
      const next = rows.length > size ? pageToken(asked.offset + size) : undefined;
      const page = textPage(list.field, await list.texts(db, rows.slice(0, size) as S[]), next);
      if (rows.length >= KEPT_FROM_ROWS && page.text.length <= LONGEST_KEPT_PAGE && name.length <= LONGEST_KEPT_NAME)
        keptPages.set(name, { id: snapshot, revision: 0 }, page.text);
      return page;
    };
    const makeLong = async (db: Db) => make(db, await readStamps(db, list.stamps({ ...asked, limit: size + 1 })));
    const finishAny = async (db: Db, found: Found) =>
      size <= SMALL_PAGE || found.rows.length <= SMALL_PAGE
        ? make(db, found)
        : longPages(() => makeLong(db)).catch(turnedAway);
    const finishFew = async (db: Db, { rows: [few] }: Found) => {
      const { texts } = few as Few;
      if (texts !== null) return wholePage(list.field, texts);
      wideSearches.set(name, true);
      return finishAny(db, await readStamps(db, stamps));
    };
    const finish = few ? finishFew : finishAny;
    const textByKey = list.textByKey?.(asked);
    const byKey = async (db: Db): Promise<JsonText | undefined> => {
      const text = await textByKey?.(db);
      return text === undefined ? keptPage(db, name) : wholePage(list.field, text);
    };
    return {
      ahead: { ...first, finish },
      byKey: textByKey || keptPages.has(name) ? byKey : undefined,
      read: async (db: Db) => finish(db, await readFirst(db)),
    };
  };
}

/** A page that nothing follows, its texts in one. */
const wholePage = (field: string, texts: string): JsonText => textPage(field, texts === '' ? [] : [texts], undefined);

/** The page that was made before, if the database still is as it was then. */
async function keptPage(db: Db, name: string): Promise<JsonText | undefined> {
  if (!keptPages.has(name)) return undefined;
  const text = keptPages.get(name, { id: await readSnapshot(db), revision: 0 });
  return text === undefined ? undefined : new JsonText(text);
}

type Asked = Omit<Window, 'limit'> & { size: number; conditions: Condition[]; isOrdered: boolean };

function readSearch(search: Search, { searchable, sizes, order, orderEnd }: List<never>): Asked {
  const conditions = parseFilter(search.filter, searchable);
  const isOrdered = search.order_by.length > 0;
  return {
    size: pageSize(search.max_results, sizes.standard, sizes.most),
    offset: readPageToken(search.page_token),
    where: filterSql(conditions, searchable),
    order: orderSql(isOrdered ? search.order_by : order, searchable, orderEnd),
    conditions,
    isOrdered,
  };
}

function turnedAway(error: unknown): never {
  if (!(error instanceof NoTurn)) throw error;
  throw new AppError('unavailable', 'busy', 'Too many long pages are being read; ask for fewer rows or try again.');
}
