import { open } from 'node:fs/promises';
import { cut } from '../base/cut.ts';
import type { CanonicalForm } from '../contracts/schema.ts';
import { type Connection, name, rows, text } from './duckdb.ts';
import { DataFault, readingFault } from './fault.ts';
import { MAX_LINE_BYTES } from './prescan.ts';
import type { UploadFormat } from './schema.ts';

/** Wider tables are wide by mistake (a matrix, an embedding), and every column costs bins in every window. */
export const MAX_COLUMNS = 500;
/** Read at once; the default, sixteen times the longest line, would fill the memory limit by itself. */
const CSV_BUFFER_BYTES = 4 * MAX_LINE_BYTES;
const HEADER_BYTES = 1024 ** 2;
const DELIMITERS = [',', ';', '\t', '|'];
/** What tools write for "no value" in text formats. */
const NULL_WORDS = ['', 'NA', 'N/A', 'null', 'NULL', 'None'];

export type SourceColumn = { name: string; source: 'text' | 'number' | 'boolean' | 'timestamp'; type: string };
export type Source = { format: UploadFormat; relation: string; columns: SourceColumn[] };

/**
 * The upload as an SQL relation. CSV and NDJSON arrive as text in every column: what a value is, is decided by us, not sniffed.
 * @param keys of an NDJSON file, where they are known
 * @param numbers columns of such a text to be read as numbers at once, at a third of what the way through text costs. A value that is
 * none fails the query; what does not fail is the number that its text would be (but for bare `true` and `false` of NDJSON)
 */
export async function openSource(
  connection: Connection,
  path: string,
  format: UploadFormat,
  keys?: readonly string[],
  numbers: ReadonlySet<string> = new Set(),
): Promise<Source> {
  if (format === 'parquet') {
    const relation = `read_parquet(${text(path)})`;
    const described = await rows(connection, `DESCRIBE SELECT * FROM ${relation}`).catch((error: unknown) => {
      throw new DataFault([readingFault(error)]);
    });
    const columns = described.map((column) => {
      const type = String(column.column_type);
      return { name: String(column.column_name), type, source: sourceOf(type) };
    });
    return { format, relation, columns: checked(columns) };
  }
  const found =
    format === 'csv' ? await csvHeader(path) : { names: keys ?? (await ndjsonKeys(connection, path)), delimiter: '' };
  const columns = checked(
    found.names.map((column): SourceColumn => {
      const isNumber = numbers.has(column);
      return { name: column, type: isNumber ? 'DOUBLE' : 'VARCHAR', source: isNumber ? 'number' : 'text' };
    }),
  );
  const types = columns.map((column) => `${text(column.name)}: '${column.type}'`).join(', ');
  const nulls = NULL_WORDS.map(text).join(', ');
  const noWords = ({ name: n, source }: SourceColumn) =>
    source === 'text' ? `CASE WHEN ${name(n)} IN (${nulls}) THEN NULL ELSE ${name(n)} END AS ${name(n)}` : name(n);
  const relation =
    format === 'csv'
      ? `read_csv(${text(path)}, auto_detect = false, header = true, delim = ${text(found.delimiter)}, quote = '"',
          escape = '"', nullstr = [${nulls}], strict_mode = true, max_line_size = ${MAX_LINE_BYTES}, buffer_size = ${CSV_BUFFER_BYTES},
          columns = {${types}})`
      : `(SELECT ${columns.map(noWords).join(', ')}
          FROM read_json(${text(path)}, format = 'newline_delimited', columns = {${types}}))`;
  return { format, relation, columns };
}

/** The value of a column as a double; NULL where it is none. `lenient` also takes the words true and false. */
export function asNumber(column: SourceColumn, lenient: boolean): string {
  const value = name(column.name);
  if (column.type === 'DOUBLE') return value;
  if (column.source === 'number') return `TRY_CAST(${value} AS DOUBLE)`;
  if (column.source === 'boolean')
    return lenient ? `CAST(CAST(${value} AS INTEGER) AS DOUBLE)` : 'CAST(NULL AS DOUBLE)';
  if (column.source === 'timestamp') return 'CAST(NULL AS DOUBLE)';
  // Lists, maps and the like cannot be cast to a number at all, their text can be tried.
  const text = column.type === 'VARCHAR' ? value : `CAST(${value} AS VARCHAR)`;
  const number = `TRY_CAST(${text} AS DOUBLE)`;
  // COALESCE looks at its second argument only where the first is NULL, so numbers pay nothing for the words.
  return lenient ? `coalesce(${number}, CASE lower(${text}) WHEN 'true' THEN 1.0 WHEN 'false' THEN 0.0 END)` : number;
}

/**
 * The value as canonical text: 1.0 is 1 and True is true, because the same column is a float in one file and an integer in the
 * next (drift.md 0.9). Its price: "2.0" and "2" cannot be told apart. The contract's `form` says whether 1 and true are one value, and
 * which of the two is written.
 */
export function asText(column: SourceColumn, form: CanonicalForm = 'as_is'): string {
  const plain = spelled(column);
  if (form === 'number') return `CASE ${plain} WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE ${plain} END`;
  return form === 'boolean' ? `CASE ${plain} WHEN '1' THEN 'true' WHEN '0' THEN 'false' ELSE ${plain} END` : plain;
}

function spelled(column: SourceColumn): string {
  const value = `CAST(${name(column.name)} AS VARCHAR)`;
  // Only text and fractions can be spelled in more than one way.
  if (column.source === 'boolean' || column.source === 'timestamp' || /^U?\w*INT/.test(column.type)) return value;
  return `CASE WHEN regexp_full_match(${value}, '-?[0-9]+\\.0+') THEN regexp_replace(${value}, '\\.0+$', '')
    WHEN lower(${value}) IN ('true', 'false') THEN lower(${value}) ELSE ${value} END`;
}

/**
 * The value as a TIMESTAMP in UTC; NULL where it is none. Text without a zone is UTC. Numbers are epoch seconds, milli-, micro- or
 * nanoseconds by their size: the bounds put every year from 1973 to 5138 in one of them.
 */
export function asTimestamp(column: SourceColumn): string {
  const value = name(column.name);
  const epoch = (number: string) => `CASE
    WHEN ${number} IS NULL OR NOT isfinite(${number}) THEN NULL
    WHEN abs(${number}) < 1e11 THEN make_timestamp(CAST(${number} * 1e6 AS BIGINT))
    WHEN abs(${number}) < 1e14 THEN make_timestamp(CAST(${number} * 1e3 AS BIGINT))
    WHEN abs(${number}) < 1e17 THEN make_timestamp(CAST(${number} AS BIGINT))
    WHEN abs(${number}) < 9e18 THEN make_timestamp(CAST(${number} / 1e3 AS BIGINT)) END`;
  if (column.source === 'timestamp') {
    const zoned = column.type.includes('TIME ZONE')
      ? `make_timestamp(epoch_us(${value}))`
      : `CAST(${value} AS TIMESTAMP)`;
    return `CASE WHEN isfinite(${value}) THEN ${zoned} END`;
  }
  if (column.source === 'boolean') return 'CAST(NULL AS TIMESTAMP)';
  if (column.source === 'number') return epoch(`CAST(${value} AS DOUBLE)`);
  // A plain cast to TIMESTAMP would drop an offset without a word; through TIMESTAMPTZ it counts.
  const text = column.type === 'VARCHAR' ? value : `CAST(${value} AS VARCHAR)`;
  const instant = `TRY_CAST(${text} AS TIMESTAMPTZ)`;
  // Times without a zone go another way: DuckDB 1.5 reads them in the zone that a row before them names.
  return `CASE WHEN regexp_full_match(${text}, '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([ T][0-9:.]*)?') THEN TRY_CAST(${text} AS TIMESTAMP)
    WHEN isfinite(${instant}) THEN make_timestamp(epoch_us(${instant})) ELSE ${epoch(`TRY_CAST(${text} AS DOUBLE)`)} END`;
}

/** What a DuckDB type says of the values. */
export function sourceOf(type: string): SourceColumn['source'] {
  if (/^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|U\w*INT\w*|FLOAT|DOUBLE|DECIMAL)/.test(type)) return 'number';
  if (type === 'BOOLEAN') return 'boolean';
  if (/^(TIMESTAMP|DATE)/.test(type)) return 'timestamp';
  return 'text';
}

/** Longest name of a column, in characters: it is told in messages, and importance is sent under it. */
const LONGEST_NAME = 255;

function checked<T extends { name: string }>(columns: T[]): T[] {
  if (columns.length > MAX_COLUMNS) {
    const message = `The file has ${columns.length} columns; at most ${MAX_COLUMNS} are read. Leave out what is not a feature.`;
    throw new DataFault([{ code: 'too_many_columns', message }]);
  }
  const seen = new Set<string>();
  for (const column of columns) {
    const begin = cut(column.name, LONGEST_NAME);
    if (column.name.length > LONGEST_NAME || column.name === '__proto__') {
      const message = `No column can be called "${begin}": give it another name, of at most ${LONGEST_NAME} characters.`;
      throw new DataFault([{ code: 'column_name_refused', column: begin, message }]);
    }
    // DuckDB compares names without case, and so would mix these up.
    const key = column.name.toLowerCase();
    if (seen.has(key)) {
      const message = `Two columns are called "${column.name}" (capitals do not count).`;
      throw new DataFault([{ code: 'duplicate_column', column: column.name, message }]);
    }
    seen.add(key);
  }
  return columns;
}

async function csvHeader(path: string): Promise<{ names: string[]; delimiter: string }> {
  const file = await open(path);
  const buffer = Buffer.alloc(HEADER_BYTES);
  const { bytesRead } = await file.read(buffer, 0, HEADER_BYTES, 0);
  await file.close();
  const head = buffer.toString('utf8', 0, bytesRead).replace(/^\uFEFF/, '');
  const byDelimiter = DELIMITERS.map((delimiter) => ({ delimiter, names: fieldsOfFirstLine(head, delimiter) }));
  const best = byDelimiter.reduce((a, b) => (b.names.length > a.names.length ? b : a));
  const nameless = best.names.indexOf('');
  // pandas writes its row index without a name, always first.
  if (nameless === 0) best.names[0] = 'column_1';
  else if (nameless > 0) {
    const message = `Column ${nameless + 1} has no name: the first line must hold the names of the columns.`;
    throw new DataFault([{ code: 'malformed_row', line: 1, message }]);
  }
  return best;
}

function fieldsOfFirstLine(head: string, delimiter: string): string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < head.length; i++) {
    const char = head[i]!;
    if (char === '"') {
      if (quoted && head[i + 1] === '"') field += head[++i];
      else quoted = !quoted;
    } else if (!quoted && char === delimiter) {
      fields.push(field.trim());
      field = '';
    } else if (!quoted && (char === '\n' || char === '\r')) break;
    else field += char;
  }
  return [...fields, field.trim()];
}

async function ndjsonKeys(connection: Connection, path: string): Promise<string[]> {
  const sql = `SELECT key, min(line * 1000 + place) AS first FROM (
      SELECT line, unnest(keys) AS key, unnest(range(len(keys))) AS place FROM (
        SELECT min(line) AS line, keys FROM (
          SELECT row_number() OVER () AS line, json_keys(json) AS keys
          FROM read_ndjson_objects(${text(path)}, maximum_object_size = ${MAX_LINE_BYTES})) GROUP BY keys))
    GROUP BY key ORDER BY first LIMIT ${MAX_COLUMNS + 1}`;
  const found = await rows(connection, sql).catch((error: unknown) => {
    throw new DataFault([readingFault(error, 'ndjson')]);
  });
  return found.map((entry) => String(entry.key));
}
