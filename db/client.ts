import type { PgDatabase } from 'drizzle-orm/pg-core';
import type { PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js';
import { drizzle } from 'drizzle-orm/postgres-js';
import type { Options, PostgresType, Sql } from 'postgres';
import { postgres } from './driver.ts';

/** The pool or one transaction of it: whoever takes a `Db` cannot tell and need not care. */
export type Db = PgDatabase<PostgresJsQueryResultHKT, Record<string, never>>;
export type Database = { db: Db; sql: Sql; url: string; close(): Promise<void> };

export type DbOptions = { url: string; max: number; name: string; statementTimeoutMs?: number };

/** Connections of one web process and of its jobs: together below a small server's 100 with several replicas. */
export const poolSize = { web: 10, jobs: 4 } as const;

/** A screen that waits longer than this has lost its reader; jobs pass their own. */
const webStatementTimeoutMs = 10_000;
/** A row lock held longer is a bug of the holder: fail the waiter, who can retry. */
const lockTimeoutMs = 3_000;
/** A transaction left idle blocks vacuum and every waiter. */
const idleInTransactionTimeoutMs = 15_000;
const connectTimeoutSeconds = 5;
/** The driver counts a whole pool's failures together and would pause for up to 20 s after one restart of the server. */
const longestPauseSeconds = 1;

export function createDb({ url, max, name, statementTimeoutMs = webStatementTimeoutMs }: DbOptions): Database {
  const sql = postgres(url, {
    ...connectOptions(url),
    max,
    connection: {
      application_name: name,
      statement_timeout: statementTimeoutMs,
      lock_timeout: lockTimeoutMs,
      idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    },
  });
  return { db: drizzle(sql) as unknown as Db, sql, url, close: () => sql.end({ timeout: 5 }) };
}

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
const shared = globalThis as { [slot]?: Database };

/** The web process' one pool. On globalThis, because the bundler may load this module more than once. */
export function getDb(): Db {
  return getDatabase().db;
}

export function getDatabase(): Database {
  if (process.env.NEXT_PHASE === 'phase-production-build')
    throw new Error('The database is not open while the pages are built.');
  if (!process.env.DATABASE_URL)
    throw new Error('DATABASE_URL is not set: start with `npm start`, which provides a database.');
  shared[slot] ??= createDb({ url: process.env.DATABASE_URL, max: poolSize.web, name: 'plumbline web' });
  return shared[slot];
}
