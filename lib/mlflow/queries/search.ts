import type { Db } from '../../../db/client.ts';
import { NoTurn, turns } from '../../base/turns.ts';
import { AppError } from '../../shell/errors.ts';
import { filterSql, orderSql, parseFilter, type Searchable } from '../search-filter.ts';
import { pageSize, pageToken, readPageToken } from '../wire.ts';
import { modelTexts, versionTexts } from './messages.ts';
import { listModelStamps, listVersionStamps, type Window } from './rows.ts';

export type Search = {
  filter: string;
  order_by: string[];
  max_results?: number | undefined;
  page_token?: string | undefined;
};
/** The messages of one page, as text. */
type Page = { texts: string[]; next: string | undefined };

export const modelSearch: Searchable = {
  attributes: { name: { column: 'models.name', kind: 'text', list: true } },
  sorts: {
    name: { field: 'name', column: 'models.name' },
    timestamp: { field: 'updated', column: 'models.updated_at' },
    last_updated_timestamp: { field: 'updated', column: 'models.updated_at' },
    creation_timestamp: { field: 'created', column: 'models.created_at' },
  },
  tags: 'select 1 from model_tags t where t.model_id = models.id',
};
const MODEL_ORDER_END: readonly string[] = ['models.name asc'];

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
  tags: 'select 1 from version_tags t where t.model_id = model_versions.model_id and t.version = model_versions.version',
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

/** One page of registered models: one statement for what is on it, and two more for messages that are not kept. */
export async function searchModels(db: Db, search: Search): Promise<Page> {
  const asked = readSearch(search, modelSearch, MODELS_PER_PAGE, [], MODEL_ORDER_END);
  return readPage(
    asked,
    (window) => listModelStamps(db, window),
    (stamps) => modelTexts(db, stamps),
  );
}

/** One page of model versions: the same, with one more. */
export async function searchVersions(db: Db, search: Search): Promise<Page> {
  const asked = readSearch(search, versionSearch, VERSIONS_PER_PAGE, VERSION_ORDER, VERSION_ORDER_END);
  return readPage(
    asked,
    (window) => listVersionStamps(db, window),
    (stamps) => versionTexts(db, stamps),
  );
}

type Asked = Omit<Window, 'limit'> & { size: number };

function readSearch(
  search: Search,
  searchable: Searchable,
  sizes: { standard: number; most: number },
  standardOrder: readonly string[],
  orderEnd: readonly string[],
): Asked {
  return {
    size: pageSize(search.max_results, sizes.standard, sizes.most),
    offset: readPageToken(search.page_token),
    where: filterSql(parseFilter(search.filter, searchable), searchable),
    order: orderSql(search.order_by.length > 0 ? search.order_by : standardOrder, searchable, orderEnd),
  };
}

async function readPage<S>(
  { size, ...asked }: Asked,
  list: (window: Window) => Promise<S[]>,
  texts: (stamps: S[]) => Promise<string[]>,
): Promise<Page> {
  // One row more than asked for tells whether a further page exists.
  const whole = async (limit: number): Promise<Page> => {
    const stamps = await list({ ...asked, limit });
    const next = stamps.length > size ? pageToken(asked.offset + size) : undefined;
    return { texts: await texts(stamps.slice(0, size)), next };
  };
  if (size <= SMALL_PAGE) return whole(size + 1);
  const start = await list({ ...asked, limit: SMALL_PAGE + 1 });
  if (start.length <= SMALL_PAGE) return { texts: await texts(start), next: undefined };
  return longPages(() => whole(size + 1)).catch(turnedAway);
}

function turnedAway(error: unknown): never {
  if (!(error instanceof NoTurn)) throw error;
  throw new AppError('unavailable', 'busy', 'Too many long pages are being read; ask for fewer rows or try again.');
}
