import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inferContract } from '../contracts/rules/infer.ts';
import type { CanonicalForm } from '../contracts/schema.ts';
import { openLockedDown, rows, text } from './duckdb.ts';
import { processObservations, processReference } from './engine.ts';
import { contractFor, factsOf } from './reference-facts.ts';
import type { Inspection, ReferenceProfile, UploadFormat } from './schema.ts';
import { asText } from './source.ts';

const folder = mkdtempSync(join(tmpdir(), 'canonical-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the spelling of one value', () => {
  const spellings = {
    yes: ['true', 'True', 'TRUE'],
    no: ['false', 'False', 'FALSE'],
    one: ['1', '1.0', '1.000'],
    nought: ['0', '0.0'],
  };
  const canonical = async (values: readonly string[], form: CanonicalForm): Promise<string[]> => {
    const connection = await openLockedDown([]);
    const listed = values.map((value, i) => `(${i}, ${text(value)})`).join(', ');
    const sql = asText({ name: 'value', source: 'text', type: 'VARCHAR' }, form);
    return (await rows(connection, `SELECT ${sql} AS v FROM (VALUES ${listed}) t(i, value) ORDER BY i`)).map((r) =>
      String(r.v),
    );
  };
  const words = fc.constantFrom<(keyof typeof spellings)[]>('yes', 'no', 'one', 'nought');
  const spelled = words.chain((word) => fc.constantFrom(...spellings[word]).map((value) => ({ word, value })));

  it.each<[CanonicalForm, Record<keyof typeof spellings, string>]>([
    ['boolean', { yes: 'true', no: 'false', one: 'true', nought: 'false' }],
    ['number', { yes: '1', no: '0', one: '1', nought: '0' }],
    ['as_is', { yes: 'true', no: 'false', one: '1', nought: '0' }],
  ])('is the same however it is written, under the form %s', async (form, expected) => {
    await fc.assert(
      fc.asyncProperty(fc.array(spelled, { minLength: 1, maxLength: 20 }), async (given) => {
        const found = await canonical(
          given.map(({ value }) => value),
          form,
        );
        expect(found).toEqual(given.map(({ word }) => expected[word]));
      }),
      { numRuns: 15 },
    );
  });

  it('spelled once more it stays, and words stay words', async () => {
    const token = fc.oneof(
      spelled.map(({ value }) => value),
      fc.stringMatching(/^[A-Za-z0-9 ._-]{1,12}$/),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(token, { minLength: 1, maxLength: 20 }),
        fc.constantFrom<CanonicalForm[]>('as_is', 'number', 'boolean'),
        async (given, form) => {
          const once = await canonical(given, form);
          expect(await canonical(once, form)).toEqual(once);
          for (const [i, value] of given.entries())
            if (!/^(true|false|-?\d+\.0+|[01])$/i.test(value)) expect(once[i]).toBe(value);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('the same rows in three formats', () => {
  const N = 240;
  const roles = { timestamp: 'at', score: 'score', label: 'label' };
  type Row = { at: string; score: number; label: boolean; vip: boolean; count: number };
  const row = (i: number): Row => ({
    at: `2026-03-0${1 + (i % 3)}T1${i % 10}:00:00Z`,
    score: (i % 10) / 10,
    label: i % 3 === 0,
    vip: i % 4 === 0,
    count: i % 5,
  });
  const table = Array.from({ length: N }, (_, i) => row(i));
  const csv = (bool: (value: boolean) => string, of = table) =>
    `at,score,label,vip,count\n${of.map((r) => [r.at, r.score, bool(r.label), bool(r.vip), `${r.count}.0`].join(',')).join('\n')}\n`;
  let files = 0;
  const write = (content: string) => {
    const path = join(folder, `file-${files++}`);
    writeFileSync(path, content);
    return path;
  };
  let profile: ReferenceProfile;
  let inspection: Inspection;
  beforeAll(async () => {
    const path = write(csv(String));
    const found = await processReference({ path, format: 'csv', output: `${path}.p`, roles, purpose: 'reference' });
    if (!found.ok) throw new Error(JSON.stringify(found.errors));
    ({ profile, inspection } = found);
  });
  const windowsOf = async (path: string, format: UploadFormat) => {
    const { columns } = inspection;
    const facts = factsOf({
      id: 'r',
      batchId: '',
      modelId: '',
      version: 1,
      rows: N,
      createdAt: new Date(0),
      columns,
      profile,
    });
    const found = await processObservations({
      ...{ path, format, output: `${path}.p`, roles, purpose: 'observations', mayKeep: true },
      contract: contractFor(columns, inferContract(facts)),
      ...{ profile, unit: 'day', timezone: 'UTC' },
    });
    if (!found.ok) throw new Error(JSON.stringify(found.errors));
    return JSON.stringify(found.windows);
  };

  it('booleans as words, capitals, ones, fractions, JSON and typed Parquet give the same windows, byte for byte', async () => {
    const expected = await windowsOf(write(csv(String)), 'csv');
    expect(expected).toContain('"newCount":0');
    expect(await windowsOf(write(csv((value) => (value ? 'True' : 'FALSE'))), 'csv')).toBe(expected);
    expect(await windowsOf(write(csv((value) => (value ? '1' : '0.0'))), 'csv')).toBe(expected);
    const mixed = (value: boolean, i: number) => [value, value ? 1 : 0, String(value), value ? '1.0' : '0'][i % 4];
    const lines = table.map((r, i) => JSON.stringify({ ...r, vip: mixed(r.vip, i), label: mixed(r.label, i + 1) }));
    expect(await windowsOf(write(`${lines.join('\n')}\n`), 'ndjson')).toBe(expected);
    const parquet = join(folder, 'typed.parquet');
    const connection = await (await DuckDBInstance.create()).connect();
    await connection.run(`COPY (SELECT "at"::TIMESTAMP AS "at", score::DOUBLE AS score, label::BOOLEAN AS label, vip::BOOLEAN AS vip,
      count::DOUBLE::INTEGER AS count FROM read_csv('${write(csv(String))}', all_varchar = true)) TO '${parquet}' (FORMAT parquet)`);
    expect(await windowsOf(parquet, 'parquet')).toBe(expected);
  });

  it('the order of the rows is never taken for time: the counts are the same, and sums but for the last bits', async () => {
    const shuffled = [...table].sort((a, b) => ((a.count * 7 + a.score * 31) % 5) - ((b.count * 7 + b.score * 31) % 5));
    expect(shuffled).not.toEqual(table);
    const rounded = async (of: Row[]) =>
      JSON.parse(await windowsOf(write(csv(String, of)), 'csv'), (_, value) =>
        typeof value === 'number' ? Number(value.toPrecision(12)) : value,
      );
    expect(await rounded(shuffled)).toEqual(await rounded(table));
  });
});
