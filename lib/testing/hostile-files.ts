/** Uploads that mean harm or come of mishap, each a few bytes of recipe; built into a folder of the test's own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';

type Format = 'parquet' | 'csv' | 'ndjson';
export type HostileFile = {
  what: string;
  format: Format;
  /** The fault it is refused with, or `taken` where it is odd but honest. */
  answer: string;
  /** What the fault must name besides. */
  names?: 'line' | 'column' | 'row';
  query?: string;
  /** Takes long or much room: on demand only. */
  slow?: true;
  build: () => Promise<Uint8Array> | Uint8Array;
};

const text = (content: string) => new TextEncoder().encode(content);

/** Bytes of a Parquet file of a query, by a DuckDB without limits. */
async function parquet(folder: string, query: string, options = ''): Promise<Uint8Array> {
  const { readFileSync, rmSync } = await import('node:fs');
  const path = join(folder, `build-${Math.floor(performance.now() * 1e6)}.parquet`);
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet${options})`);
  connection.closeSync();
  instance.closeSync();
  const bytes = readFileSync(path);
  rmSync(path);
  return bytes;
}

const rows = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');
const BOMB_CHUNK = 64 * 1024 ** 2;

/** The corpus of the reliability plan (3.4) and what later findings added. */
export function hostileFiles(folder: string): HostileFile[] {
  const columns = (count: number) => Array.from({ length: count }, (_, i) => `${i % 7} AS c${i}`).join(', ');
  const build = (query: string, options?: string) => () => parquet(folder, query, options);
  return [
    {
      what: 'a hundred million equal rows in a few kilobytes',
      format: 'parquet',
      answer: 'too_many_rows',
      slow: true,
      build: build('SELECT 1.5::DOUBLE AS a FROM range(100000000)'),
    },
    {
      what: 'two gigabytes of text that a dictionary hides',
      format: 'parquet',
      answer: 'value_too_long',
      names: 'column',
      build: build(`SELECT repeat('x', 10000000) AS a FROM range(200)`, ', COMPRESSION zstd'),
    },
    {
      what: 'twenty thousand columns',
      format: 'parquet',
      answer: 'too_many_columns',
      slow: true,
      build: build(`SELECT ${columns(20_000)}`),
    },
    {
      what: 'five thousand columns',
      format: 'parquet',
      answer: 'too_many_columns',
      build: build(`SELECT ${columns(5_000)}`),
    },
    {
      what: 'a header of two hundred thousand columns',
      format: 'csv',
      answer: 'too_many_columns',
      build: () => text(`${Array.from({ length: 200_000 }, (_, i) => `column_${i}`).join(',')}\n1\n`),
    },
    {
      what: 'two gigabytes that unpack from a few megabytes',
      format: 'csv',
      answer: 'too_large',
      slow: true,
      build: () => Buffer.concat(Array.from({ length: 32 }, () => gzipSync(Buffer.alloc(BOMB_CHUNK, 'a,b\n1,2\n')))),
    },
    {
      what: 'a small gzip bomb',
      format: 'csv',
      answer: 'too_large',
      build: () => gzipSync(Buffer.alloc(2 * BOMB_CHUNK, 'a')),
    },
    {
      what: 'one line of 200 MB',
      format: 'csv',
      answer: 'malformed_row',
      names: 'line',
      slow: true,
      build: () => Buffer.concat([text('a,b\n'), Buffer.alloc(200 * 1024 ** 2, 'x')]),
    },
    {
      what: 'one line of 5 MB',
      format: 'csv',
      answer: 'malformed_row',
      names: 'line',
      build: () => Buffer.concat([text('a,b\n'), Buffer.alloc(5 * 1024 ** 2, 'x')]),
    },
    ...(['{"a":', '['] as const).map(
      (open): HostileFile => ({
        what: `JSON nested twenty thousand deep with ${open}`,
        format: 'ndjson',
        answer: 'nested_too_deep',
        names: 'line',
        build: () => text(`{"a":1}\n{"a":${open.repeat(20_000)}1${(open === '[' ? ']' : '}').repeat(20_000)}}\n`),
      }),
    ),
    {
      what: 'brackets inside a string, which nest nothing',
      format: 'ndjson',
      answer: 'taken',
      build: () => text(rows(20, (i) => JSON.stringify({ a: '[{"'.repeat(50 + i), b: i }))),
    },
    {
      what: 'Latin-1',
      format: 'csv',
      answer: 'invalid_utf8',
      names: 'line',
      build: () => Buffer.from('a,b\n1,caf\xe9\n', 'latin1'),
    },
    {
      what: 'UTF-16',
      format: 'csv',
      answer: 'nul_byte',
      names: 'line',
      build: () => Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'),
    },
    { what: 'NUL in a text', format: 'csv', answer: 'nul_byte', names: 'line', build: () => text('a,b\n1,x\0y\n') },
    {
      what: 'numbers beyond all bounds among the features',
      format: 'csv',
      answer: 'taken',
      build: () => text(`a,b\n1e400,1\nNaN,2\n-Infinity,3\n${rows(50, (i) => `${i},${i}`)}\n`),
    },
    {
      what: 'a score of 1e400',
      format: 'csv',
      answer: 'not_finite',
      names: 'row',
      query: '?score=s',
      build: () => text('s,a\n0.5,1\n1e400,2\n'),
    },
    {
      what: 'a quote that never ends',
      format: 'csv',
      answer: 'malformed_row',
      names: 'line',
      build: () => text('a,b\n1,"x\n2,y\n3,z\n'),
    },
    {
      what: 'rows of unequal length',
      format: 'csv',
      answer: 'malformed_row',
      names: 'line',
      build: () => text('a,b\n1,2\n1,2,3\n'),
    },
    {
      what: 'column names that are SQL',
      format: 'csv',
      answer: 'taken',
      build: () => text(`"a""); DROP TABLE x; --",'b'\n${rows(30, (i) => `${i},${i % 3}`)}\n`),
    },
    {
      what: 'years beyond the calendar',
      format: 'parquet',
      answer: 'timestamp_unreadable',
      names: 'row',
      query: '?timestamp=at',
      build: build(`SELECT TIMESTAMP '290000-01-01' + to_days(i::INT) AS "at", i::DOUBLE AS a FROM range(20) t(i)`),
    },
    {
      what: 'times that never end',
      format: 'parquet',
      answer: 'timestamp_unreadable',
      names: 'row',
      query: '?timestamp=at',
      build: build(`SELECT 'infinity'::TIMESTAMP AS "at", i::DOUBLE AS a FROM range(20) t(i)`),
    },
    {
      what: 'nested and unusual types',
      format: 'parquet',
      answer: 'taken',
      build: build(
        `SELECT {'x': i} AS s, [i, i] AS l, MAP {'k': i} AS m, 'b'::BLOB AS b, INTERVAL 1 DAY AS v, TIME '01:02:03' AS t,
          i::DECIMAL(38, 4) AS d, i::HUGEINT AS h, uuid() AS u, i::DOUBLE AS a FROM range(40) t(i)`,
      ),
    },
    { what: 'no rows', format: 'parquet', answer: 'no_rows', build: build('SELECT 1.0::DOUBLE AS a WHERE false') },
    {
      what: 'two columns that differ by capitals only',
      format: 'csv',
      answer: 'duplicate_column',
      names: 'column',
      build: () => text('a,A\n1,2\n'),
    },
    {
      what: 'a footer longer than the file',
      format: 'parquet',
      answer: 'truncated_parquet',
      build: async () => {
        const bytes = await parquet(folder, 'SELECT i::DOUBLE AS a FROM range(100) t(i)');
        new DataView(bytes.buffer, bytes.byteOffset).setUint32(bytes.length - 8, 0x7fffffff, true);
        return bytes;
      },
    },
  ];
}

/** Mulberry32, uniform in [0, 1): the same mutations from the same seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Honest files with some bytes changed, cut out or doubled, where they lie. */
export async function mutants(
  folder: string,
  count: number,
  seed: number,
): Promise<{ format: Format; path: string }[]> {
  const query = `SELECT TIMESTAMP '2026-01-01' + to_hours(i::INT) AS "at", i / 100.0 AS a, 'w' || i % 5 AS w FROM range(300) t(i)`;
  const csv = text(`at,a,w\n${rows(200, (i) => `2026-01-0${1 + (i % 9)},${i / 7},w${i % 5}`)}\n`);
  const ndjson = text(rows(200, (i) => JSON.stringify({ at: '2026-01-01', a: i / 7, w: `w${i % 5}` })));
  const honest: [Format, Uint8Array][] = [
    ...(await Promise.all(
      ['snappy', 'zstd', 'gzip'].map(
        async (codec): Promise<[Format, Uint8Array]> => [
          'parquet',
          await parquet(folder, query, `, COMPRESSION ${codec}`),
        ],
      ),
    )),
    ['csv', csv],
    ['ndjson', ndjson],
  ];
  const random = seeded(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  return Array.from({ length: count }, (_, i) => {
    const [format, bytes] = honest[i % honest.length]!;
    let changed = Buffer.from(bytes);
    for (let change = 0; change <= below(8); change++) {
      const at = below(changed.length);
      const kind = below(4);
      if (kind === 0) changed = Buffer.concat([changed.subarray(0, at), changed.subarray(at + 1 + below(20))]);
      else if (kind === 1)
        changed = Buffer.concat([changed.subarray(0, at), changed.subarray(Math.max(0, at - below(40)))]);
      else changed[at] = kind === 2 ? below(256) : changed[at]! ^ (1 << below(8));
    }
    const path = join(folder, `mutant-${i}`);
    writeFileSync(path, changed);
    return { format, path };
  });
}
