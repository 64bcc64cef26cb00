import { type DuckDBConnection, DuckDBTypeId } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';

/** Columns of plain machine numbers, as a query of numbers without NULL delivers them. */
export type Numbers = Float64Array | Int32Array | Int16Array;

/** The rows of one chunk; a column is read when it is asked for, and belongs to who asked. */
export type Chunk = { rows: number; column(index: number): Numbers };

/**
 * Chunks between two collections of the young generation. The engine's vectors lie outside the heap, so that nothing presses for one:
 * left alone they pile up to 100 MB, and each is written to memory that no cache holds.
 */
const COLLECT_EVERY = 16;

/**
 * Runs a query and hands over its rows a chunk at a time. It reads the engine's vectors directly: objects for values, types and validity
 * of every vector of every chunk cost more than the counting does. So no column may hold NULL.
 * @param sql every column DOUBLE, INTEGER or SMALLINT
 */
export async function eachChunk(
  connection: DuckDBConnection,
  sql: string,
  take: (chunk: Chunk) => void,
): Promise<void> {
  const result = await connection.stream(sql);
  const readers = Array.from({ length: result.columnCount }, (_, i) => readerOf(result.columnTypeId(i)));
  for (let seen = 1; ; seen++) {
    const found = await result.fetchChunk();
    const rows = found?.rowCount ?? 0;
    if (!found || rows === 0) return;
    const { chunk } = found;
    take({ rows, column: (index) => readers[index]!(duckdb.data_chunk_get_vector(chunk, index), rows) });
    if (seen % COLLECT_EVERY === 0) globalThis.gc?.({ type: 'minor' });
  }
}

type Read = (vector: duckdb.Vector, rows: number) => Numbers;

function readerOf(type: DuckDBTypeId): Read {
  switch (type) {
    case DuckDBTypeId.DOUBLE:
      return reader(Float64Array);
    case DuckDBTypeId.INTEGER:
      return reader(Int32Array);
    case DuckDBTypeId.SMALLINT:
      return reader(Int16Array);
    default:
      throw new Error(`A scan selects plain numbers only, not ${DuckDBTypeId[type]}.`);
  }
}

function reader(of: {
  new (buffer: ArrayBufferLike, at: number, length: number): Numbers;
  BYTES_PER_ELEMENT: number;
}): Read {
  return (vector, rows) => {
    const bytes = duckdb.vector_get_data(vector, rows * of.BYTES_PER_ELEMENT);
    return new of(bytes.buffer, bytes.byteOffset, rows);
  };
}
