import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { countWindows, type EngineOptions, inspectUpload, processReference } from './engine.ts';
import type { InspectJob } from './job.ts';
import { metric } from './performance.ts';
import type { UploadContract, UploadFormat } from './schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'upload-'));
const carLoan = readFileSync(join(import.meta.dirname, '../../db/demo/car-loan/monitoring.parquet'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
/** A job for bytes written to a file of their own. */
function jobFor(content: string | Buffer, format: UploadFormat, rest: Partial<InspectJob> = {}): InspectJob {
  const path = join(folder, `upload-${files++}`);
  writeFileSync(path, content);
  return { path, format, output: `${path}.parquet`, roles: {}, purpose: 'reference', ...rest };
}

async function errorsOf(job: InspectJob, options?: EngineOptions) {
  const answer = await inspectUpload(job, options);
  return answer.ok ? [] : answer.errors;
}

const contract: UploadContract = {
  columns: [
    { name: 'at', role: 'timestamp', kind: 'timestamp' },
    { name: 'age', role: 'feature', kind: 'numeric' },
    { name: 'town', role: 'feature', kind: 'categorical' },
  ],
};
const observed = { purpose: 'observations', contract, roles: { timestamp: 'at' } } as const;

describe('bytes that are no table', () => {
  it('an empty file', async () => {
    expect(await errorsOf(jobFor('', 'csv'))).toMatchObject([{ code: 'empty_file' }]);
  });

  it('a header without rows', async () => {
    expect(await errorsOf(jobFor('a,b\n', 'csv'))).toMatchObject([{ code: 'no_rows' }]);
  });

  it('a Parquet file cut off', async () => {
    const job = jobFor(carLoan.subarray(0, 100_000), 'parquet');
    expect(await errorsOf(job)).toMatchObject([{ code: 'truncated_parquet' }]);
  });

  it('a Parquet file damaged inside is refused without naming a path', async () => {
    const damaged = Buffer.from(carLoan);
    damaged.fill(0xa5, damaged.length - 2_000, damaged.length - 8);
    const [error] = await errorsOf(jobFor(damaged, 'parquet'));
    expect(error?.code).toMatch(/unreadable|engine_failed|out_of_memory/);
    expect(error?.message).not.toContain(folder);
  });

  it('a CSV sent as Parquet', async () => {
    expect(await errorsOf(jobFor('a,b\n1,2\n', 'parquet'))).toMatchObject([{ code: 'not_parquet' }]);
  });

  it('a NUL byte, with its line', async () => {
    expect(await errorsOf(jobFor('a,b\n1,2\n3,\0\n', 'csv'))).toMatchObject([{ code: 'nul_byte', line: 3 }]);
  });

  it('invalid UTF-8, with its line', async () => {
    const bytes = Buffer.concat([Buffer.from('a,b\n1,caf'), Buffer.from([0xe9]), Buffer.from('\n')]);
    expect(await errorsOf(jobFor(bytes, 'csv'))).toMatchObject([{ code: 'invalid_utf8', line: 2 }]);
  });

  it('damaged gzip, and a bomb', async () => {
    const packed = gzipSync('a,b\n1,2\n');
    expect(await errorsOf(jobFor(packed.subarray(0, 15), 'csv'))).toMatchObject([{ code: 'not_gzip' }]);
    const bomb = gzipSync(Buffer.alloc(100 * 1024 ** 2, 'a'));
    expect(await errorsOf(jobFor(bomb, 'csv'))).toMatchObject([{ code: 'too_large' }]);
  });

  it('a row with too few fields, and a line that is no JSON, with their lines', async () => {
    expect(await errorsOf(jobFor('a,b\n1,2\n3\n', 'csv'))).toMatchObject([{ code: 'malformed_row', line: 3 }]);
    expect(await errorsOf(jobFor('{"a":1}\n{"a":\n', 'ndjson'))).toMatchObject([{ code: 'malformed_row', line: 2 }]);
  });
});

describe('values that do not fit', () => {
  it.each(['nan', 'inf', '-Infinity'])('a score of %s, with row and column', async (value) => {
    const job = jobFor(`s,a\n0.5,1\n${value},2\n`, 'csv', { roles: { score: 's' } });
    expect(await errorsOf(job)).toMatchObject([{ code: 'not_finite', column: 's', row: 2 }]);
  });

  it('a score outside 0 to 1', async () => {
    const job = jobFor('s,a\n0.5,1\n0.1,2\n1.5,2\n', 'csv', { roles: { score: 's' } });
    expect(await errorsOf(job)).toMatchObject([{ code: 'score_out_of_range', column: 's', row: 3 }]);
  });

  it('a word in a column of numbers, with row, column and what was expected', async () => {
    const job = jobFor('at,age,town\n2026-01-01,3,x\n2026-01-02,old,y\n', 'csv', observed);
    expect(await errorsOf(job)).toMatchObject([{ code: 'wrong_type', column: 'age', row: 2, expected: 'number' }]);
  });

  it('a renamed column is missing; the new one is only a warning', async () => {
    const renamed = jobFor('at,years,town\n2026-01-01,3,x\n', 'csv', observed);
    expect(await errorsOf(renamed)).toMatchObject([{ code: 'column_missing', column: 'age', expected: 'numeric' }]);
    const more = await inspectUpload(jobFor('at,age,town,extra\n2026-01-01,3,x,1\n', 'csv', observed));
    expect(more).toMatchObject({ ok: true, warnings: [{ code: 'extra_column', column: 'extra' }] });
  });

  it('a role for a column that is not there lists what is', async () => {
    const [error] = await errorsOf(jobFor('a,b\n1,2\n', 'csv', { roles: { score: 'proba' } }));
    expect(error).toMatchObject({ code: 'column_not_found', column: 'proba' });
    expect(error?.message).toContain('a, b');
  });

  it('a time that is none, and one that is missing', async () => {
    const unreadable = jobFor('at,age,town\n2026-01-01,3,x\nyesterday,3,y\n', 'csv', observed);
    expect(await errorsOf(unreadable)).toMatchObject([{ code: 'timestamp_unreadable', column: 'at', row: 2 }]);
    const missing = jobFor('at,age,town\n,3,x\n', 'csv', observed);
    expect(await errorsOf(missing)).toMatchObject([{ code: 'timestamp_missing', row: 1 }]);
  });
});

describe('the same data in another dress', () => {
  it('kinds: few numbers stay numbers, yes and no stay words, dates are set aside', async () => {
    const csv = 'n,b,w,d\n1,true,yes,2026-01-01\n2,false,no,2026-01-02\n';
    const answer = await inspectUpload(jobFor(csv, 'csv'));
    const kinds = answer.ok ? answer.columns.map((column) => column.kind) : answer.errors;
    expect(kinds).toEqual(['numeric', 'categorical', 'categorical', 'timestamp']);
  });

  it('CSV with semicolons, NDJSON and gzip give the same columns', async () => {
    const uploads = [
      jobFor('a;b\n1;x\n2;y\n', 'csv'),
      jobFor('{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n', 'ndjson'),
      jobFor(gzipSync('a,b\n1,x\n2,y\n'), 'csv'),
    ];
    for (const job of uploads) {
      expect(await inspectUpload(job)).toMatchObject({
        ok: true,
        rows: 2,
        columns: [
          { name: 'a', kind: 'numeric' },
          { name: 'b', kind: 'categorical' },
        ],
      });
    }
  });

  it('labels 1.0 and true, times with offsets and as epochs, and labels that come late', async () => {
    const rows = (n: number, line: (i: number) => string) => Array.from({ length: n }, (_, i) => line(i)).join('\n');
    const roles = { timestamp: 't', id: 'k', score: 's', label: 'y' };
    const header = 't,k,s,y,f';
    const reference = await processReference(
      jobFor(`${header}\n${rows(200, (i) => `2026-01-01T00:00:00Z,r${i},0.${i % 10},${i % 2},${i % 7}`)}`, 'csv', {
        roles,
      }),
    );
    if (!reference.ok) throw new Error(JSON.stringify(reference.errors));
    const times = ['2026-03-01T01:00:00+02:00', '1772319600', '1772319600000', '2026-02-28 23:00:00.000'];
    const job = jobFor(
      `${header}\n${rows(100, (i) => `${times[i % 4]},o${i},${i % 2 ? 0.9 : 0.1},${i < 60 ? (i % 2 ? 'True' : '0.0') : ''},8`)}`,
      'csv',
      { roles, purpose: 'observations', contract: reference.inspection },
    );
    const inspected = await inspectUpload(job);
    if (!inspected.ok) throw new Error(JSON.stringify(inspected.errors));
    const late = jobFor(`id,truth\n${rows(45, (i) => `o${i + 60},${i % 2}`)}`, 'csv', {
      roles: { id: 'id', label: 'truth' },
      purpose: 'labels',
    });
    expect(await inspectUpload(late)).toMatchObject({ ok: true, rows: 45 });
    const counted = await countWindows({
      files: [{ parquet: job.output, columns: inspected.columns }],
      profile: reference.profile,
      unit: 'day',
      timezone: 'UTC',
      labels: [late.output],
    });
    if (!counted.ok) throw new Error(JSON.stringify(counted.errors));
    expect(counted.windows).toHaveLength(1);
    const [window] = counted.windows;
    expect(window).toMatchObject({ start: '2026-02-28T00:00:00.000Z', n: 100, performance: { labelled: 100 } });
    expect(metric(window!.performance!, 'accuracy').value).toBe(1);
  });

  it('new values are counted and named', async () => {
    const reference = await processReference(
      jobFor('at,age,town\n2026-01-01,1,x\n2026-01-01,2,y\n', 'csv', { roles: { timestamp: 'at' } }),
    );
    if (!reference.ok) throw new Error(JSON.stringify(reference.errors));
    const job = jobFor('at,age,town\n2026-01-02,1,z\n2026-01-02,,z\n2026-01-03,nan,\n', 'csv', observed);
    const inspected = await inspectUpload(job);
    if (!inspected.ok) throw new Error(JSON.stringify(inspected.errors));
    const counted = await countWindows({
      files: [{ parquet: job.output, columns: inspected.columns }],
      profile: reference.profile,
      unit: 'day',
      timezone: 'UTC',
    });
    expect(counted).toMatchObject({
      ok: true,
      windows: [
        { n: 2, columns: { town: { newCount: 2, newValues: [{ value: 'z', count: 2 }] }, age: { missing: 1 } } },
        { n: 1, columns: { town: { missing: 1, newCount: 0 }, age: { nan: 1 } } },
      ],
    });
  });
});

describe('a reader that takes too long', () => {
  it('is killed when its time is up', async () => {
    const started = Date.now();
    const errors = await errorsOf(jobFor(carLoan, 'parquet'), { timeoutMs: 50 });
    expect(errors).toMatchObject([{ code: 'timed_out' }]);
    expect(Date.now() - started).toBeLessThan(2_000);
  });

  it('is killed when nobody waits any more', async () => {
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 50);
    expect(await errorsOf(jobFor(carLoan, 'parquet'), { signal: cancel.signal })).toMatchObject([
      { code: 'cancelled' },
    ]);
  });
});
