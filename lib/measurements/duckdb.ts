import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

const MEMORY_LIMIT = '400MB';
const THREADS = '2';

/**
 * Opens an in-memory DuckDB that can touch the named files and nothing else. The order matters: paths are allowed before external
 * access is switched off, and the configuration is locked last. No temporary directory: a query that does not fit fails.
 */
export async function openLockedDown(paths: readonly string[]): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    temp_directory: '',
    memory_limit: MEMORY_LIMIT,
    threads: THREADS,
  });
  const connection = await instance.connect();
  // Zone-less times are UTC whatever the machine's zone (ICU reads this setting).
  await connection.run(`SET TimeZone = 'UTC'`);
  await connection.run(`SET allowed_paths = [${paths.map(text).join(', ')}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
  return connection;
}

/** A string as an SQL literal. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A column name as an SQL identifier. */
export function name(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}

/** All rows of a small result as objects; 64-bit integers arrive as bigint. */
export async function rows(connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getRowObjectsJS() as Record<string, unknown>[];
}

/** The one row of an aggregate. */
export async function row(connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>> {
  const [only] = await rows(connection, sql);
  if (!only) throw new Error('An aggregate returned no row.');
  return only;
}
