import duckdb from '@duckdb/node-bindings';

const { Type } = duckdb;

/** What a query answers with: 64-bit and wider integers are bigint, so that none loses a digit. */
export type Value = boolean | number | bigint | string | null;

/** Strings up to this many bytes stand in the vector itself, longer ones where it points to (duckdb.h, `duckdb_string_t`). */
const INLINED_BYTES = 12;
const VALIDITY_BITS = 64;

type Reader = { bytes: number; read(view: DataView, at: number): Value };

/** How a value of each type lies in a vector, little-endian (duckdb.h, `duckdb_vector_get_data`). */
const READERS: Partial<Record<number, Reader>> = {
  [Type.BOOLEAN]: { bytes: 1, read: (view, at) => view.getUint8(at) !== 0 },
  [Type.INTEGER]: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  [Type.BIGINT]: { bytes: 8, read: (view, at) => view.getBigInt64(at, true) },
  [Type.UBIGINT]: { bytes: 8, read: (view, at) => view.getBigUint64(at, true) },
  [Type.HUGEINT]: {
    bytes: 16,
    read: (view, at) => (view.getBigInt64(at + 8, true) << 64n) + view.getBigUint64(at, true),
  },
  [Type.DOUBLE]: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  [Type.VARCHAR]: { bytes: 16, read: stringAt },
};

const decoder = new TextDecoder();

function stringAt(view: DataView, at: number): string {
  const length = view.getUint32(at, true);
  const bytes =
    length <= INLINED_BYTES
      ? new Uint8Array(view.buffer, view.byteOffset + at + 4, length)
      : duckdb.get_data_from_pointer(view.buffer as ArrayBuffer, view.byteOffset + at + 8, length);
  return decoder.decode(bytes);
}

/**
 * The values of one column of a chunk.
 * @throws Error for a type that none of our queries returns: cast it in the query
 */
export function valuesOf(chunk: duckdb.DataChunk, column: number, type: duckdb.Type, rows: number): Value[] {
  const reader = READERS[type];
  if (!reader) throw new Error(`A query returns ${Type[type]}, which is not read here.`);
  const vector = duckdb.data_chunk_get_vector(chunk, column);
  const { buffer, byteOffset, byteLength } = duckdb.vector_get_data(vector, rows * reader.bytes);
  const view = new DataView(buffer, byteOffset, byteLength);
  // No validity at all means that every value is one.
  const valid = duckdb.vector_get_validity(
    vector,
    (Math.ceil(rows / VALIDITY_BITS) * VALIDITY_BITS) / 8,
  ) as Uint8Array | null;
  return Array.from({ length: rows }, (_, row) => {
    if (valid && (valid[row >> 3]! & (1 << (row & 7))) === 0) return null;
    return reader.read(view, row * reader.bytes);
  });
}
