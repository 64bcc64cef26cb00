import duckdb from '@duckdb/node-bindings';
import { type Value, valuesOf } from './vectors.ts';

/**
 * A connection to the engine. It is that of the bindings: the package around them is 180 modules, whose loading would cost more than a
 * small file's reading does.
 */
export type Connection = duckdb.Connection;

const SETTINGS = {
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  temp_directory: '',
  memory_limit: '400MB',
  threads: '2',
};

/**
 * Opens an in-memory DuckDB that can touch the named files and nothing else. The order matters: paths are allowed before external
 * access is switched off, and the configuration is locked last. No temporary directory: a query that does not fit fails.
 */
export async function openLockedDown(paths: readonly string[]): Promise<Connection> {
  const config = duckdb.create_config();
  for (const [option, value] of Object.entries(SETTINGS)) duckdb.set_config(config, option, value);
  const connection = await duckdb.connect(await duckdb.open(':memory:', config));
  // Zone-less times are UTC whatever the machine's zone (ICU reads this setting).
  await run(connection, `SET TimeZone = 'UTC'`);
  await run(connection, `SET allowed_paths = [${paths.map(text).join(', ')}]`);
  await run(connection, 'SET enable_external_access = false');
  await run(connection, 'SET lock_configuration = true');
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

/** Runs statements for what they do. */
export async function run(connection: Connection, sql: string): Promise<void> {
  await duckdb.query(connection, sql);
}

/** All rows of a small result as objects; 64-bit integers arrive as bigint. */
export async function rows(connection: Connection, sql: string): Promise<Record<string, Value>[]> {
  const found: Record<string, Value>[] = [];
  await eachRows(await duckdb.query(connection, sql), (some) => void found.push(...some));
  return found;
}

/** The one row of an aggregate. */
export async function row(connection: Connection, sql: string): Promise<Record<string, Value>> {
  const [only] = await rows(connection, sql);
  if (!only) throw new Error('An aggregate returned no row.');
  return only;
}

/** The result of one statement, computed while it is fetched, so that it is never held whole. */
export async function stream(connection: Connection, sql: string): Promise<duckdb.Result> {
  const statement = await duckdb.prepare(connection, sql);
  try {
    return await duckdb.execute_prepared_streaming(statement);
  } finally {
    duckdb.destroy_prepare_sync(statement);
  }
}

/** Hands over the rows of a result, some at a time and each time when the last ones are done with. */
export async function eachRows(
  result: duckdb.Result,
  take: (rows: Record<string, Value>[]) => void | Promise<void>,
): Promise<void> {
  const columns = Array.from({ length: duckdb.column_count(result) }, (_, i) => ({
    name: duckdb.column_name(result, i),
    type: duckdb.column_type(result, i),
  }));
  for (;;) {
    const chunk = await duckdb.fetch_chunk(result);
    const size = chunk ? duckdb.data_chunk_get_size(chunk) : 0;
    if (!chunk || size === 0) return;
    const values = columns.map(({ type }, i) => valuesOf(chunk, i, type, size));
    await take(
      Array.from({ length: size }, (_, at) =>
        Object.fromEntries(columns.map((column, i) => [column.name, values[i]![at]!])),
      ),
    );
  }
}
