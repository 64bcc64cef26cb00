import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openLockedDown, rows, text } from './duckdb.ts';
import { inspectUpload } from './engine.ts';
import type { UploadFormat } from './schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'source-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** More rows than those that tell a column's kind. */
const BEFORE = 1_500;

let files = 0;
/** What becomes of a file: the column's kind, and its values from the row `from` on. */
async function converted(content: string, format: UploadFormat, column: string, from: number) {
  const path = join(folder, `file-${files++}`);
  writeFileSync(path, content);
  const output = `${path}.parquet`;
  const answer = await inspectUpload({
    path,
    format,
    output,
    roles: column === 'at' ? { timestamp: 'at' } : {},
    purpose: 'reference',
  });
  if (!answer.ok) throw new Error(JSON.stringify(answer.errors));
  const connection = await openLockedDown([output]);
  const value = column === 'at' ? 'epoch_ms("at")' : `"${column}"`;
  const found = await rows(connection, `SELECT ${value} AS v FROM read_parquet(${text(output)}) OFFSET ${from}`);
  return { kind: answer.columns.find(({ name }) => name === column)?.kind, values: found.map(({ v }) => v) };
}

describe('a value far down in a column of numbers', () => {
  const lines = (line: (value: string) => string, value: string) =>
    `${[...Array.from({ length: BEFORE }, (_, i) => line(`${i}.5`)), line(value), line('7')].join('\n')}\n`;

  it.each<[string, string, unknown[]]>([
    ['true', 'categorical', ['true', '7']],
    ['"true"', 'categorical', ['true', '7']],
    ['"NA"', 'numeric', [null, 7]],
    ['""', 'numeric', [null, 7]],
    ['null', 'numeric', [null, 7]],
    ['"12"', 'numeric', [12, 7]],
    ['-0.25e2', 'numeric', [-25, 7]],
    ['[1]', 'categorical', ['[1]', '7']],
  ])('in NDJSON %s makes it %s', async (value, kind, values) => {
    const content = lines((one) => `{"a":${one},"b":"x"}`, value);
    expect(await converted(content, 'ndjson', 'a', BEFORE)).toEqual({ kind, values });
  });

  it.each<[string, string, unknown[]]>([
    ['true', 'categorical', ['true', '7']],
    ['NA', 'numeric', [null, 7]],
    ['', 'numeric', [null, 7]],
    ['" 12 "', 'numeric', [12, 7]],
    ['1e400', 'numeric', [Infinity, 7]],
    ['0x10', 'categorical', ['0x10', '7']],
  ])('in CSV %s makes it %s', async (value, kind, values) => {
    const content = `a,b\n${lines((one) => `${one},x`, value)}`;
    expect(await converted(content, 'csv', 'a', BEFORE)).toEqual({ kind, values });
  });
});

it('a time with the name of a zone leaves the times after it as they are', async () => {
  const times = ['2026-01-01', '2026-01-01 00:00:00 Europe/Berlin', '2026-01-01 00:00', '2026-01-01T00:00:00+02:00'];
  const found = await converted(`at,a\n${times.map((time) => `${time},1`).join('\n')}\n`, 'csv', 'at', 0);
  const hours = [0, -1, 0, -2];
  expect(found.values).toEqual(hours.map((hour) => BigInt(Date.UTC(2026, 0, 1, hour))));
});
