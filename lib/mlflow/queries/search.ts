import type { Db } from '../../../db/client.ts';
import type { Piece } from '../../../db/sql-pieces.ts';
import type { JsonText } from '../../base/json-text.ts';
import { NoTurn, turns } from '../../base/turns.ts';
import { PROMPT_TAG } from '../../models/rules/registry-events.ts';
import { AppError } from '../../shell/errors.ts';
import { filterSql, orderSql, parseFilter, type Searchable } from '../search-filter.ts';
import { pageSize, pageToken, readPageToken, textPage } from '../wire.ts';
import { modelTexts, versionTexts } from './messages.ts';
import { type ModelStamp, modelStamps, readStamps, type VersionStamp, versionStamps, type Window } from './rows.ts';

export type Search = {
  filter: string;
  order_by: string[];
  max_results?: number | undefined;
  page_token?: string | undefined;
};

const IS_PROMPT = `t.key = '${PROMPT_TAG}' and lower(t.value) = 'true'`;

export const modelSearch: Searchable = {
  attributes: { name: { column: 'models.name', kind: 'text', list: true } },
  sorts: {
    name: { field: 'name', column: 'models.name' },
    timestamp: { field: 'updated', column: 'models.updated_at' },
    last_updated_timestamp: { field: 'updated', column: 'models.updated_at' },
    creation_timestamp: { field: 'created', column: 'models.created_at' },
  },
  tags: 'select 1 from model_tags t where t.model_id = models.id',
  // Not as `not exists`: planning that join takes twice the time, and this is planned for its values each time.
  noPrompt: `(select true from model_tags t where t.model_id = models.id and ${IS_PROMPT}) is null`,
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
  noPrompt: `not exists (${VERSION_TAGS} and ${IS_PROMPT})`,
};
const VERSION_ORDER_END: readonly string[] = ['models.name asc', 'model_versions.version desc'];
const VERSION_ORDER: readonly string[] = ['last_updated_timestamp DESC'];

/** The protocol's own caps: what the server answers when nothing is asked, and the most it answers. */
const MODELS_PER_PAGE = { standard: 100, most: 1000 };
const VERSIONS_PER_PAGE = { standard: 200_000, most: 200_000 };

/** A page up to here is read at once; of a longer one it is found out first whether there is so much at all. */
const SMALL_PAGE = 1_000;
/** The protocol's longest page takes some 100 MB while it is made: many of them together would end the process. */
const longPages = turns(1, 8);

type List<S> = {
  field: string;
  searchable: Searchable;
  sizes: { standard: number; most: number };
  order: readonly string[];
  orderEnd: readonly string[];
  stamps: (window: Window) => Piece;
  texts: (db: Db, stamps: S[]) => Promise<string[]>;
};

/** One page of registered models: one statement for what is on it, and one more for messages that are not kept. */
export const searchModels = searching<ModelStamp>({
  field: 'registered_models',
  searchable: modelSearch,
  sizes: MODELS_PER_PAGE,
  order: [],
  orderEnd: MODEL_ORDER_END,
  stamps: modelStamps,
  texts: modelTexts,
});

/** One page of model versions. */
export const searchVersions = searching<VersionStamp>({
  field: 'model_versions',
  searchable: versionSearch,
  sizes: VERSIONS_PER_PAGE,
  order: VERSION_ORDER,
  orderEnd: VERSION_ORDER_END,
  stamps: versionStamps,
  texts: versionTexts,
});

/** What is to be read for a search. A short page's first statement may be sent by others, `ahead`. */
function searching<S>(list: List<S>) {
  return (search: Search) => {
    const { size, ...asked } = readSearch(search, list);
    const whole = async (db: Db, stamps: S[]): Promise<JsonText> => {
      // One row more than asked for tells whether a further page exists.
      const next = stamps.length > size ? pageToken(asked.offset + size) : undefined;
      return textPage(list.field, await list.texts(db, stamps.slice(0, size)), next);
    };
    const piece = list.stamps({ ...asked, limit: Math.min(size, SMALL_PAGE) + 1 });
    const finish = (db: Db, rows: unknown[]) => whole(db, rows as S[]);
    if (size <= SMALL_PAGE)
      return { ahead: { piece, finish }, read: async (db: Db) => finish(db, await readStamps(db, piece)) };
    const read = async (db: Db): Promise<JsonText> => {
      const start = await readStamps(db, piece);
      if (start.length <= SMALL_PAGE) return finish(db, start);
      const all = async () => finish(db, await readStamps(db, list.stamps({ ...asked, limit: size + 1 })));
      return longPages(all).catch(turnedAway);
    };
    return { ahead: undefined, read };
  };
}

type Asked = Omit<Window, 'limit'> & { size: number };

function readSearch(search: Search, { searchable, sizes, order, orderEnd }: List<never>): Asked {
  return {
    size: pageSize(search.max_results, sizes.standard, sizes.most),
    offset: readPageToken(search.page_token),
    where: filterSql(parseFilter(search.filter, searchable), searchable),
    order: orderSql(search.order_by.length > 0 ? search.order_by : order, searchable, orderEnd),
  };
}

function turnedAway(error: unknown): never {
  if (!(error instanceof NoTurn)) throw error;
  throw new AppError('unavailable', 'busy', 'Too many long pages are being read; ask for fewer rows or try again.');
}
