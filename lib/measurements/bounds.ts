import { type Connection, name, row, text } from './duckdb.ts';
import { DataFault } from './fault.ts';
import type { SourceColumn } from './source.ts';

/** A reader holds one numeric column at a time, 8 bytes a row: 240 MB. */
const MAX_ROWS = 30_000_000;
/** Longest value of a text column in bytes. A Parquet dictionary can repeat a few megabytes to many gigabytes. */
const MAX_VALUE_BYTES = 64 * 1024;
const MEASURED = /^(VARCHAR|BLOB)$/;

/** @throws DataFault where a file has more rows than a reader can hold */
export function refuseTooManyRows(rows: number): void {
  if (rows <= MAX_ROWS) return;
  const message = `The file has ${rows} rows; at most ${MAX_ROWS} are read. Send it in parts.`;
  throw new DataFault([{ code: 'too_many_rows', message }]);
}

/**
 * Looks at what a Parquet file will unpack to before its values are read: the footer tells the rows, but not how long its texts are.
 * @throws DataFault naming the first column with a value too long, and its row
 */
export async function refuseOversizedParquet(
  connection: Connection,
  path: string,
  columns: readonly SourceColumn[],
): Promise<void> {
  const file = `read_parquet(${text(path)}, file_row_number = true)`;
  refuseTooManyRows(Number((await row(connection, `SELECT count(*) AS n FROM ${file}`)).n));
  const measured = columns.filter((column) => MEASURED.test(column.type));
  if (measured.length === 0) return;
  const bytes = ({ name: column, type }: SourceColumn) =>
    `${type === 'BLOB' ? 'octet_length' : 'strlen'}(${name(column)})`;
  const longest = await row(
    connection,
    `SELECT ${measured.map((column, i) => `max(${bytes(column)}) AS max${i}`).join(', ')} FROM ${file}`,
  );
  const at = measured.findIndex((_, i) => Number(longest[`max${i}`] ?? 0) > MAX_VALUE_BYTES);
  const column = measured[at];
  if (!column) return;
  const where = `${bytes(column)} > ${MAX_VALUE_BYTES}`;
  const first = await row(connection, `SELECT min(file_row_number) AS at FROM ${file} WHERE ${where}`);
  const found = Number(first.at) + 1;
  const message = `Row ${found} of "${column.name}" has ${Number(longest[`max${at}`])} bytes; at most ${MAX_VALUE_BYTES} are read.`;
  throw new DataFault([{ code: 'value_too_long', column: column.name, row: found, message }]);
}
