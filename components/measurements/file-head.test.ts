import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { headOf } from './file-head.ts';

const fileOf = (name: string, content: string | Uint8Array<ArrayBuffer>) => new File([content], name);
const csv = 'at,"a ""b""",note\n2026-03-01,1,"x, y"\n2026-03-02,,"two\nlines"\n2026-03-03,3,z\n2026-03-04,4,w\n';
const columns = [
  { name: 'at', values: ['2026-03-01', '2026-03-02', '2026-03-03'] },
  { name: 'a "b"', values: ['1', '', '3'] },
  { name: 'note', values: ['x, y', 'two\nlines', 'z'] },
];

describe('the head of a file', () => {
  it('of CSV has its columns with three rows, whatever is quoted', async () => {
    expect(await headOf(fileOf('a.csv', csv))).toEqual(columns);
    expect(await headOf(fileOf('a.csv', `\ufeff${csv.replaceAll('\n2', '\r\n2')}`))).toEqual(columns);
    expect(await headOf(fileOf('a.csv', 'a;b\n1,5;2\n'))).toEqual([
      { name: 'a', values: ['1,5'] },
      { name: 'b', values: ['2'] },
    ]);
  });

  it('is read from the first bytes, packed or not, of a file of any size', async () => {
    const large = csv + '2026-03-05,5,w\n'.repeat(200_000);
    expect(await headOf(fileOf('a.csv', large))).toEqual(columns);
    expect(await headOf(fileOf('a.csv.gz', new Uint8Array(gzipSync(large))))).toEqual(columns);
  });

  it('of a header alone has its columns and no rows', async () => {
    expect(await headOf(fileOf('a.csv', 'a,b\n'))).toEqual([
      { name: 'a', values: [] },
      { name: 'b', values: [] },
    ]);
  });

  it('of NDJSON has the columns of all the rows it shows', async () => {
    const text = '{"a":1,"b":"x"}\n{"a":2.5,"c":[1]}\n{"a":null}\n{"d":1}\n';
    expect(await headOf(fileOf('a.ndjson', text))).toEqual([
      { name: 'a', values: ['1', '2.5', ''] },
      { name: 'b', values: ['x', '', ''] },
      { name: 'c', values: ['', '[1]', ''] },
    ]);
  });

  it('of Parquet has the columns of its footer and the first rows', async () => {
    const content = new Uint8Array(
      readFileSync(join(import.meta.dirname, '../../db/demo/car-loan/monitoring.parquet')),
    );
    const head = (await headOf(fileOf('a.parquet', content)))!;
    expect(head.length).toBeGreaterThan(3);
    expect(head.every(({ name, values }) => name !== '' && values.length === 3)).toBe(true);
  });

  it.each([
    ['a cut Parquet file', fileOf('a.parquet', 'PAR1 and nothing else')],
    ['packed bytes that are none', fileOf('a.csv.gz', 'not gzip')],
    ['lines that are no JSON', fileOf('a.ndjson', 'hello\n')],
    ['an empty file', fileOf('a.csv', '')],
    ['another kind of file', fileOf('a.pdf', '%PDF')],
  ])('is unknown for %s', async (_what, file) => {
    expect(await headOf(file)).toBeNull();
  });
});
