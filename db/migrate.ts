import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import type { Sql } from 'postgres';
import { connectOptions } from './client.ts';
import { postgres } from './driver.ts';

/** Any number will do as long as every replica uses the same one. */
const migrationLock = 7_203_401;
/** MERGE and the privileges on schema public that the migrations rely on came with 15. */
const oldestServer = 15;

/** Brings the schema up to date. `url` must be direct, not pooled: the lock lives in the session. */
export async function migrateDatabase(url: string, folder = join(import.meta.dirname, 'migrations')): Promise<void> {
  const sql = postgres(url, { ...connectOptions(url), max: 1, connection: { application_name: 'plumbline migrate' } });
  try {
    await checkServer(sql);
    await sql`select pg_advisory_lock(${migrationLock})`;
    await migrate(drizzle(sql), { migrationsFolder: folder });
    await sql`select pg_advisory_unlock(${migrationLock})`;
  } catch (error) {
    throw inWords(error);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function checkServer(sql: Sql): Promise<void> {
  const [row] =
    await sql`select current_setting('server_version_num')::int / 10000 as major, current_setting('server_version') as version`;
  if (row!.major < oldestServer) {
    throw new Error(
      `Plumbline needs Postgres ${oldestServer} or newer; the server at DATABASE_URL is ${row!.version}.`,
    );
  }
}

function inWords(error: unknown): Error {
  const cause = rootOf(error);
  const code = (cause as { code?: string }).code;
  const statement = error instanceof Error ? error.message : '';
  if (code === '42501' && /create extension/i.test(statement + cause.message)) {
    return new Error(
      `The database role may not create a needed extension (${cause.message}). Ask the owner of the server to run "create extension if not exists pg_trgm" in this database once, then start again.`,
      { cause: error },
    );
  }
  if (code === '42501')
    return new Error(`The database role lacks a right the migrations need: ${cause.message}`, { cause: error });
  return new Error(`The database could not be made ready: ${cause.message}`, { cause: error });
}

function rootOf(error: unknown): Error {
  return error instanceof Error && error.cause instanceof Error ? rootOf(error.cause) : (error as Error);
}
