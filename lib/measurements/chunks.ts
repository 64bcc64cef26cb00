import duckdb from '@duckdb/node-bindings';
import { type Connection, stream } from './duckdb.ts';

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
export async function eachChunk(connection: Connection, sql: string, take: (chunk: Chunk) => void): Promise<void> {
  const result = await stream(connection, sql);
  const readers = Array.from({ length: duckdb.column_count(result) }, (_, i) =>
    readerOf(duckdb.column_type(result, i)),
  );
  for (let seen = 1; ; seen++) {
    const chunk = await duckdb.fetch_chunk(result);
    const rows = chunk ? duckdb.data_chunk_get_size(chunk) : 0;
    if (!chunk || rows === 0) return;
    take({ rows, column: (index) => readers[index]!(duckdb.data_chunk_get_vector(chunk, index), rows) });
    if (seen % COLLECT_EVERY === 0) globalThis.gc?.({ type: 'minor' });
  }
}

type Read = (vector: duckdb.Vector, rows: number) => Numbers;

function readerOf(type: duckdb.Type): Read {
  switch (type) {
    case duckdb.Type.DOUBLE:
      return reader(Float64Array);
    case duckdb.Type.INTEGER:
      return reader(Int32Array);
    case duckdb.Type.SMALLINT:
      return reader(Int16Array);
    default:
      throw new Error(`A scan selects plain numbers only, not ${duckdb.Type[type]}.`);
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
