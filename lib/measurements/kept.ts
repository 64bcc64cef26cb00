import { type Connection, name, row, text } from './duckdb.ts';
import type { MeasuredColumn, UploadFormat } from './schema.ts';
import { asNumber, asText, asTimestamp, type SourceColumn, sourceOf } from './source.ts';

/** Types of a Parquet column that are read as they are, again and again, for next to nothing. Any other is converted once. */
const DIRECT =
  /^(BOOLEAN|U?(TINYINT|SMALLINT|INTEGER|BIGINT)|FLOAT|DOUBLE|VARCHAR|DATE|TIMESTAMP\w*( WITH TIME ZONE)?)$/;
/** What a scan adds to the columns of a file; a file that has one itself is converted. */
const ADDED = new Set(['file_row_number', 'plumbline_label']);

/** SQL for a column's value with its pinned type: numbers DOUBLE, times TIMESTAMP in UTC, all else VARCHAR in canonical spelling. */
export function pinned(column: Pick<MeasuredColumn, 'role' | 'kind' | 'form'>, from: SourceColumn): string {
  if (column.role === 'timestamp') return asTimestamp(from);
  return column.kind === 'numeric' ? asNumber(from, true) : asText(from, column.form);
}

/** Whether an upload can serve as its own converted file: only Parquet is typed, and its types must need no parsing. */
export function isReadAsIs(format: UploadFormat, columns: readonly MeasuredColumn[], source: readonly SourceColumn[]) {
  if (format !== 'parquet' || source.some((column) => ADDED.has(column.name.toLowerCase()))) return false;
  return columns.every((column) => {
    const from = source.find((candidate) => candidate.name === column.name);
    if (!from || !DIRECT.test(from.type)) return false;
    if (column.kind === 'numeric') return from.source === 'number' || from.source === 'boolean';
    return column.role !== 'timestamp' || from.source !== 'text';
  });
}

/** The rows of a kept file as an SQL relation with pinned types, and `file_row_number` (from 0) in the order of the file. */
export function keptRows(parquet: string, columns: readonly MeasuredColumn[]): string {
  const file = `read_parquet(${text(parquet)}, file_row_number = true)`;
  if (columns.every((column) => column.type === undefined)) return file;
  const values = columns.map((column) => `${keptValue(column)} AS ${name(column.name)}`);
  return `(SELECT ${values.join(', ')}, file_row_number FROM ${file})`;
}

/** A column of a kept file with its pinned type. */
export function keptValue(column: MeasuredColumn): string {
  if (column.type === undefined) return name(column.name);
  return pinned(column, { name: column.name, type: column.type, source: sourceOf(column.type) });
}

/** First and last time of a kept file in epoch milliseconds, cut to whole ones; null where no row has one. */
export type TimeRange = { rows: number; filled: number; first: number | null; last: number | null };

/**
 * Asks the file's own statistics, so that no row is read for it.
 * @returns null where they cannot tell: a time that is no timestamp in the file, or one without end
 */
export async function timesByStatistics(
  connection: Connection,
  parquet: string,
  column: MeasuredColumn,
): Promise<TimeRange | null> {
  if (column.type !== undefined && !/^(TIMESTAMP|DATE)/.test(column.type)) return null;
  const value = name(column.name);
  const ms = (end: 'min' | 'max') => `CASE WHEN isfinite(${end}) THEN epoch_ms(CAST(${end} AS TIMESTAMP)) END`;
  const found = await row(
    connection,
    `SELECT n, filled, ${ms('min')} AS first, ${ms('max')} AS last FROM (
      SELECT count(*) AS n, count(${value}) AS filled, min(${value}) AS min, max(${value}) AS max
      FROM read_parquet(${text(parquet)}))`,
  );
  const [rows, filled] = [Number(found.n), Number(found.filled)];
  if (filled === 0) return { rows, filled, first: null, last: null };
  if (found.first === null || found.last === null) return null;
  return { rows, filled, first: Number(found.first), last: Number(found.last) };
}
