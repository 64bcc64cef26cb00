import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../../../db/client.ts';
import { NoTurn, turns } from '../../base/turns.ts';
import { AppError } from '../../shell/errors.ts';
import { filterSql, orderSql, parseFilter, type Searchable } from '../search-filter.ts';
import { type ModelVersion, pageSize, pageToken, type RegisteredModel, readPageToken } from '../wire.ts';
import { listModelVersions, listRegisteredModels } from './rows.ts';

export type Search = {
  filter: string;
  order_by: string[];
  max_results?: number | undefined;
  page_token?: string | undefined;
};
type Page<T> = { items: T[]; next: string | undefined };

export const modelSearch: Searchable = {
  attributes: { name: { column: sql`models.name`, kind: 'text', list: true } },
  sorts: {
    name: { field: 'name', column: sql`models.name` },
    timestamp: { field: 'updated', column: sql`models.updated_at` },
    last_updated_timestamp: { field: 'updated', column: sql`models.updated_at` },
    creation_timestamp: { field: 'created', column: sql`models.created_at` },
  },
  tags: sql`select 1 from model_tags t where t.model_id = models.id`,
};
const MODEL_ORDER_END: readonly SQL[] = [sql`models.name asc`];

export const versionSearch: Searchable = {
  attributes: {
    name: { column: sql`models.name`, kind: 'text', list: true },
    source_path: { column: sql`model_versions.source`, kind: 'text' },
    run_id: { column: sql`model_versions.run_id`, kind: 'text', list: true },
    version_number: { column: sql`model_versions.version`, kind: 'number' },
  },
  sorts: {
    name: { field: 'name', column: sql`models.name` },
    version_number: { field: 'version', column: sql`model_versions.version` },
    creation_timestamp: { field: 'created', column: sql`model_versions.created_at` },
    last_updated_timestamp: { field: 'updated', column: sql`model_versions.updated_at` },
  },
  tags: sql`select 1 from version_tags t where t.model_id = model_versions.model_id and t.version = model_versions.version`,
};
const VERSION_ORDER_END: readonly SQL[] = [sql`models.name asc`, sql`model_versions.version desc`];
const VERSION_ORDER: readonly string[] = ['last_updated_timestamp DESC'];

/** The protocol's own caps: what the server answers when nothing is asked, and the most it answers. */
const MODELS_PER_PAGE = { standard: 100, most: 1000 };
const VERSIONS_PER_PAGE = { standard: 200_000, most: 200_000 };

/** A page up to here is read at once; of a longer one it is found out first whether there is so much at all. */
const SMALL_PAGE = 1_000;
/** The protocol's longest page takes some 500 MB while it is made: many of them together would end the process. */
const longPages = turns(1, 8);

/** One page of registered models: two statements. */
export function searchModels(db: Db, search: Search): Promise<Page<RegisteredModel>> {
  return searchPage(search, modelSearch, MODELS_PER_PAGE, [], MODEL_ORDER_END, (window) =>
    listRegisteredModels(db, window),
  );
}

/** One page of model versions: one statement. */
export function searchVersions(db: Db, search: Search): Promise<Page<ModelVersion>> {
  return searchPage(search, versionSearch, VERSIONS_PER_PAGE, VERSION_ORDER, VERSION_ORDER_END, (window) =>
    listModelVersions(db, window),
  );
}

async function searchPage<T>(
  search: Search,
  searchable: Searchable,
  sizes: { standard: number; most: number },
  standardOrder: readonly string[],
  orderEnd: readonly SQL[],
  read: (window: { where: SQL | undefined; order: SQL[]; limit: number; offset: number }) => Promise<T[]>,
): Promise<Page<T>> {
  const size = pageSize(search.max_results, sizes.standard, sizes.most);
  const offset = readPageToken(search.page_token);
  const where = filterSql(parseFilter(search.filter, searchable), searchable);
  const order = orderSql(search.order_by.length > 0 ? search.order_by : standardOrder, searchable, orderEnd);
  // One row more than asked for tells whether a further page exists.
  const window = { where, order, limit: size + 1, offset };
  const start = await read({ ...window, limit: Math.min(window.limit, SMALL_PAGE + 1) });
  const isWhole = start.length <= SMALL_PAGE || size <= SMALL_PAGE;
  const rows = isWhole ? start : await longPages(() => read(window)).catch(turnedAway);
  return { items: rows.slice(0, size), next: rows.length > size ? pageToken(offset + size) : undefined };
}

function turnedAway(error: unknown): never {
  if (!(error instanceof NoTurn)) throw error;
  throw new AppError('unavailable', 'busy', 'Too many long pages are being read; ask for fewer rows or try again.');
}
