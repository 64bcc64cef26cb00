import { formatOf } from './upload.ts';

/** A column as the first rows show it; `values` is shorter than the head where a row is, and empty where rows cannot be read here. */
export type HeadColumn = { name: string; values: string[] };

const HEAD_BYTES = 64 * 1024;
const ROWS = 3;
/** Parquet is read a row group at a time: a larger one is not worth three rows of it. */
const GROUP_BYTES = 32 * 1024 ** 2;

/** The columns of a file with its first rows, read in the browser from its first bytes; null where they cannot be read here. */
export async function headOf(file: File): Promise<HeadColumn[] | null> {
  const format = formatOf(file.name);
  const packed = file.name.toLowerCase().endsWith('.gz');
  if (format === null || (format === 'parquet' && packed)) return null;
  try {
    if (format === 'parquet') return await parquetHead(file);
    const start = file.slice(0, HEAD_BYTES);
    const text = (packed ? await unpackedStart(start) : await start.text()).replace(/^\ufeff/, '');
    return format === 'csv' ? csvHead(text, file.size <= HEAD_BYTES && !packed) : jsonHead(text);
  } catch {
    return null;
  }
}

/** What can be unpacked of a file that is cut: the stream ends in an error, after its bytes. */
async function unpackedStart(start: Blob): Promise<string> {
  const reader = start.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    while (text.length < HEAD_BYTES) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // Cut where we cut it.
  }
  await reader.cancel().catch(() => undefined);
  return text;
}

export function csvHead(text: string, whole: boolean): HeadColumn[] | null {
  const first = text.split(/\r?\n/, 1)[0] ?? '';
  const separator = [',', ';', '\t'].sort((a, b) => first.split(b).length - first.split(a).length)[0] ?? ',';
  const lines = csvRows(text, separator, ROWS + 2);
  // The last line of a cut text is half a line.
  const [names, ...rows] = whole || lines.length === ROWS + 2 ? lines : lines.slice(0, -1);
  if (!names) return first ? csvHead(`${first}\n`, true) : null;
  return names.map((name, i) => ({ name: name.trim(), values: rows.slice(0, ROWS).map((row) => row[i] ?? '') }));
}

/** At most `limit` rows; a quoted cell may hold separators, quotes and line ends. */
function csvRows(text: string, separator: string, limit: number): string[][] {
  const rows: string[][] = [];
  let [row, cell, quoted]: [string[], string, boolean] = [[], '', false];
  for (let at = 0; at < text.length && rows.length < limit; at++) {
    const char = text[at]!;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') {
        cell += char;
        at++;
      } else quoted = false;
    } else if (char === '"' && cell === '') quoted = true;
    else if (char === separator) {
      row.push(cell);
      cell = '';
    } else if (char === '\n') {
      rows.push([...row, cell.replace(/\r$/, '')]);
      [row, cell] = [[], ''];
    } else cell += char;
  }
  if (rows.length < limit && (row.length > 0 || cell !== '')) rows.push([...row, cell]);
  return rows;
}

export function jsonHead(text: string): HeadColumn[] | null {
  const rows: Record<string, unknown>[] = [];
  for (const line of text.split('\n')) {
    if (rows.length === ROWS) break;
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value === 'object' && value !== null) rows.push(value as Record<string, unknown>);
    } catch {
      break;
    }
  }
  return rows.length > 0 ? columnsOf([...new Set(rows.flatMap((row) => Object.keys(row)))], rows) : null;
}

/** The names stand in the file's last bytes; the library that reads them is loaded when a file first needs it. */
async function parquetHead(file: File): Promise<HeadColumn[]> {
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import('hyparquet');
  const source = {
    byteLength: file.size,
    slice: (start: number, end?: number) => file.slice(start, end).arrayBuffer(),
  };
  const metadata = await parquetMetadataAsync(source);
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  const group = metadata.row_groups[0];
  if (!group || Number(group.total_byte_size) > GROUP_BYTES) return columnsOf(names, []);
  const rows = await parquetReadObjects({
    file: source,
    metadata,
    rowStart: 0,
    rowEnd: Math.min(ROWS, Number(group.num_rows)),
  }).catch(
    // A way of packing that the browser does not know: the names are there all the same.
    () => [],
  );
  return columnsOf(names, rows);
}

const columnsOf = (names: readonly string[], rows: readonly Record<string, unknown>[]): HeadColumn[] =>
  names.map((name) => ({ name, values: rows.map((row) => textOf(row[name])) }));

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object'
    ? JSON.stringify(value, (_, held: unknown) => (typeof held === 'bigint' ? String(held) : held))
    : String(value);
}
