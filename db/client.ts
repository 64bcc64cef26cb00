import { getTableColumns, getTableName } from 'drizzle-orm';
import type { PgDatabase, PgTable } from 'drizzle-orm/pg-core';
import type { PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js';
import { drizzle } from 'drizzle-orm/postgres-js';
import type { Options, ParameterOrJSON, PostgresType, Sql, TransactionSql } from 'postgres';
import { postgres } from './driver.ts';
import { numbered, rowInto, type Value } from './sql-pieces.ts';

/** The pool or one transaction of it: whoever takes a `Db` cannot tell and need not care. */
export type Db = PgDatabase<PostgresJsQueryResultHKT, Record<string, never>>;
export type Database = { db: Db; sql: Sql; url: string; close(): Promise<void> };

export type DbOptions = {
  url: string;
  max: number;
  name: string;
  statementTimeoutMs?: number;
  /** Further settings of the server for these connections. */
  settings?: Record<string, string>;
};

/** Connections of one web process and of its jobs: together below a small server's 100 with several replicas. */
export const poolSize = { web: 8, keyed: 1, planned: 2, jobs: 4 } as const;

/** A screen that waits longer than this has lost its reader; jobs pass their own. */
const webStatementTimeoutMs = 10_000;
/** A row lock held longer is a bug of the holder: fail the waiter, who can retry. */
const lockTimeoutMs = 3_000;
/** A transaction left idle blocks vacuum and every waiter. */
const idleInTransactionTimeoutMs = 15_000;
const connectTimeoutSeconds = 5;
/** The driver counts a whole pool's failures together and would pause for up to 20 s after one restart of the server. */
const longestPauseSeconds = 1;

export function createDb({
  url,
  max,
  name,
  statementTimeoutMs = webStatementTimeoutMs,
  settings = {},
}: DbOptions): Database {
  const sql = postgres(url, {
    ...connectOptions(url),
    max,
    connection: {
      application_name: name,
      statement_timeout: statementTimeoutMs,
      lock_timeout: lockTimeoutMs,
      idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
      ...settings,
    },
  });
  if (connectOptions(url).prepare) prepareRepeated(sql);
  return { db: drizzle(sql) as unknown as Db, sql, url, close: () => sql.end({ timeout: 5 }) };
}

/** How often a text must come before it is worth a named statement, and how many of those a connection may hold. */
const preparedFrom = 3;
const preparedMax = 500;
/** Texts are counted up to here and then anew: filters that nobody sends twice must not fill the memory. */
const countedMax = 5_000;

/**
 * The query builder sends every text through `unsafe`, which parses and plans it anew and takes a second round trip to
 * learn its types. Texts that come again become named statements of their connection.
 */
function prepareRepeated(sql: Sql): void {
  const seen = new Map<string, number>();
  let prepared = 0;
  const isRepeated = (text: string): boolean => {
    const times = (seen.get(text) ?? 0) + 1;
    if (times > preparedFrom) return true;
    if (times === preparedFrom && prepared >= preparedMax) return false;
    if (seen.size >= countedMax && times === 1)
      for (const [old, count] of seen) if (count < preparedFrom) seen.delete(old);
    seen.set(text, times);
    if (times === preparedFrom) prepared += 1;
    return false;
  };
  const wrap = (client: Pick<Sql, 'unsafe'>): void => {
    const unsafe = client.unsafe.bind(client);
    // The builder says `prepare: false` of everything it was not told to prepare itself.
    client.unsafe = ((...[text, values, options]: Parameters<Sql['unsafe']>) =>
      unsafe(
        text,
        values,
        (values?.length || isStatement(options)) && isRepeated(text) ? { ...options, prepare: true } : options,
      )) as Sql['unsafe'];
  };
  wrap(sql);
  const begin = sql.begin.bind(sql) as (...given: unknown[]) => Promise<unknown>;
  sql.begin = ((...given: unknown[]) => {
    const work = given.pop() as (tx: TransactionSql) => unknown;
    return begin(...given, (tx: TransactionSql) => {
      wrap(tx);
      return work(tx);
    });
  }) as Sql['begin'];
}

/** What a pool's statements of a kind have of their own: in a web process all reads by key share one connection. */
const besides = new WeakMap<Db, Pick<WebDatabase, 'keyed' | 'planned'>>();

/** Without values the driver takes a text for a script, which is planned each time; it knows more options than it says. */
const aStatement: { prepare?: boolean; simple: boolean } = { simple: false };
// By what it says: this module may be loaded twice, and the pool may be the other's.
const isStatement = (options: object | undefined): boolean => options !== undefined && 'simple' in options;

/**
 * A statement written by hand: the same text each time, values as the driver takes them (moments as ISO text). It is sent
 * when it is called, not when it is waited for: statements of one transaction run in the order of their calls.
 */
export const statement =
  <R extends object>(text: string) =>
  async (db: Db, values: Value[]): Promise<R[]> =>
    clientOf(db)
      .unsafe<R[]>(text, values as ParameterOrJSON<never>[], aStatement)
      .execute();

/** One whole row into a table: the text is built once, and nothing is read back, for every column is given. */
export function inserting<T extends PgTable>(table: T): (db: Db, row: T['$inferSelect']) => Promise<unknown> {
  const pieceOf = rowInto(table);
  let insert: ReturnType<typeof statement> | undefined;
  return (db, row) => {
    const { text, values } = pieceOf(row);
    insert ??= statement(numbered(text));
    return insert(db, values);
  };
}

/** Where reads by key go: outside a transaction to the connection they share. */
export const clientFor = (db: Db): Sql => clientOf(besides.get(db)?.keyed.db ?? db);

/** Where a statement goes whose plan is right for all values, and costs more to make than to carry out. */
export const plannedOnce = (db: Db): Db => besides.get(db)?.planned.db ?? db;

/** Whole rows of a table by a statement written by hand: `tail` is all of it from `from` on, `more` further columns. */
export function selecting<T extends PgTable, More extends object = object>(
  table: T,
  tail: string,
  more = '',
): (db: Db, values: Value[]) => Promise<(T['$inferSelect'] & More)[]> {
  const name = getTableName(table);
  const columns = Object.entries(getTableColumns(table));
  const names = columns.map(([, column]) => `"${name}"."${column.name}"`);
  const select = statement<Record<string, unknown>>(`select ${names}${more && `, ${more}`} ${tail}`);
  return async (db, values) => {
    const rows = await select(db, values);
    for (const row of rows)
      for (const [key, column] of columns) {
        const { [column.name]: value } = row;
        if (key !== column.name) delete row[column.name];
        row[key] = value === null ? null : column.mapFromDriverValue(value);
      }
    return rows as (T['$inferSelect'] & More)[];
  };
}

const clientOf = (db: Db): Sql => (db as unknown as { session: { client: Sql } }).session.client;

/** What a postgres.js client of ours needs whatever it is for; also the socket form `postgres://user:pw@%2Ffolder:5432/name`, which it does not read itself. */
export function connectOptions(url: string): Options<Record<string, PostgresType>> {
  const { hostname, searchParams } = new URL(url);
  return {
    connect_timeout: connectTimeoutSeconds,
    backoff: (failures: number) => Math.min(0.02 * 2 ** failures, longestPauseSeconds) * (0.5 + Math.random() / 2),
    onnotice: () => {},
    // Behind a transaction-mode pooler prepared statements hang without an error: `?prepare=false` in the URL turns them off.
    prepare: searchParams.get('prepare') !== 'false',
    ...(hostname.toLowerCase().startsWith('%2f') ? { host: decodeURIComponent(hostname) } : {}),
  };
}

const slot = Symbol.for('plumbline.db');
type WebDatabase = Database & { keyed: Database; planned: Database };
const shared = globalThis as { [slot]?: WebDatabase };
/** The one whose keyed connection this copy of the module knows. */
let known: WebDatabase | undefined;

/** The web process' pools. On globalThis, because the bundler may load this module more than once. */
export function getDb(): Db {
  return getDatabase().db;
}

export function getDatabase(): WebDatabase {
  const open = shared[slot];
  // Asked on every request, where even a look at the environment shows.
  if (open && open === known) return open;
  if (process.env.NEXT_PHASE === 'phase-production-build')
    throw new Error('The database is not open while the pages are built.');
  if (!process.env.DATABASE_URL)
    throw new Error('DATABASE_URL is not set: start with `npm start`, which provides a database.');
  shared[slot] ??= openWeb(process.env.DATABASE_URL);
  known = shared[slot];
  besides.set(known.db, known);
  return known;
}

/**
 * A page is read within milliseconds: compiling its plan takes longer than it can save, and remembering rows of an inner
 * loop begins by clearing a table for as many as there are (3 ms of a page of versions at 100,000 models).
 */
const webSettings = { jit: 'off', enable_memoize: 'off' };

const plannedSettings = { ...webSettings, plan_cache_mode: 'force_generic_plan' };

/**
 * One plan for every key, by index however small the table was when it was made: planned anew for each key, a read by key
 * would cost several times what it does. A bitmap of the three rows that a key has costs twice what fetching them does.
 */
const keyedSettings = {
  ...plannedSettings,
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
};

function openWeb(url: string): WebDatabase {
  const pool = createDb({ url, max: poolSize.web, name: 'plumbline web', settings: webSettings });
  const keyed = createDb({ url, max: poolSize.keyed, name: 'plumbline web', settings: keyedSettings });
  const planned = createDb({ url, max: poolSize.planned, name: 'plumbline web', settings: plannedSettings });
  const close = async () => void (await Promise.all([pool, keyed, planned].map((each) => each.close())));
  return { ...pool, keyed, planned, close };
}
