import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  goodCsv,
  malformed,
  type NamedBad,
  OBSERVATIONS,
  REFERENCE,
  testWorkspace,
  upload,
} from '../testing/refusals.ts';
import { rowCounts, type Sent } from '../testing/web.ts';
import { MAX_UPLOAD_BYTES } from './intake-stream.ts';

const { db, uploads, send, refuses } = await testWorkspace();
const carLoan = readFileSync(join(import.meta.dirname, '../../db/demo/car-loan/monitoring.parquet'));

const cut = (content: Uint8Array): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => controller.enqueue(content),
    pull: (controller) => controller.error(new Error('the line went dead')),
  });
const bytes = (content: string) => new TextEncoder().encode(content);

it('leaves nothing of many uploads that break off, however early', async () => {
  const held = uploads();
  const broken = () =>
    send(OBSERVATIONS, upload('text/csv', new ReadableStream({ pull: (at) => at.error(new Error('dead')) })));
  const answers = await Promise.all(Array.from({ length: 50 }, broken));
  expect(new Set(answers.map(({ code }) => code))).toEqual(new Set(['upload_cut_off']));
  expect(uploads()).toEqual(held);
});

describe('a file that is not what it should be', () => {
  const bad: NamedBad[] = [
    {
      what: 'an upload cut in the middle',
      route: OBSERVATIONS,
      sent: upload('text/csv', cut(bytes(goodCsv))),
      status: 400,
      code: 'upload_cut_off',
    },
    {
      what: 'a body shorter than it said',
      route: OBSERVATIONS,
      sent: upload('text/csv', goodCsv, { 'content-length': String(goodCsv.length + 10) }),
      status: 400,
      code: 'upload_cut_off',
    },
    {
      what: 'a body that says it is too large',
      route: OBSERVATIONS,
      sent: upload('text/csv', goodCsv, { 'content-length': String(MAX_UPLOAD_BYTES + 1) }),
      status: 413,
      code: 'upload_too_large',
    },
    {
      what: 'a type nobody reads',
      route: OBSERVATIONS,
      sent: upload('application/pdf', goodCsv),
      status: 415,
      code: 'unsupported_type',
    },
    {
      what: 'a misspelled role',
      route: OBSERVATIONS,
      sent: { ...upload('text/csv', goodCsv), query: '?timestmp=at' },
      ...malformed,
      path: 'timestmp',
    },
    {
      what: 'a role given twice',
      route: OBSERVATIONS,
      sent: { ...upload('text/csv', goodCsv), query: '?score=a&score=b' },
      ...malformed,
      path: 'score',
    },
    {
      what: 'a version that is not there',
      route: OBSERVATIONS,
      sent: { ...upload('text/csv', goodCsv), params: { version: '9' } },
      status: 404,
      code: 'version_not_found',
    },
    {
      what: 'a wait that is none',
      route: OBSERVATIONS,
      sent: { ...upload('text/csv', goodCsv), query: `?timestamp=at&score=score&label=label&wait=-1` },
      ...malformed,
      path: 'wait',
    },
    {
      what: 'a cut reference',
      route: REFERENCE,
      sent: upload('text/csv', cut(bytes(goodCsv))),
      status: 400,
      code: 'upload_cut_off',
    },
  ];
  it.each(bad)('$what is refused and nothing of it is kept', async (bad) => {
    await refuses(bad);
  });

  const unread: { what: string; sent: Sent; code: string }[] = [
    { what: 'an empty file', sent: upload('text/csv', ''), code: 'empty_file' },
    { what: 'a header without rows', sent: upload('text/csv', 'at,score,label,age\n'), code: 'no_rows' },
    {
      what: 'a truncated Parquet file',
      sent: upload('application/vnd.apache.parquet', carLoan.subarray(0, 100_000)),
      code: 'truncated_parquet',
    },
    { what: 'a NUL byte', sent: upload('text/csv', goodCsv.replace('0.5', '\0')), code: 'nul_byte' },
    {
      what: 'invalid UTF-8',
      sent: upload('text/csv', Buffer.concat([Buffer.from(goodCsv), Buffer.from([0xff, 0x0a])])),
      code: 'invalid_utf8',
    },
    {
      what: 'a score that is not a number',
      sent: upload('text/csv', goodCsv.replace(',0.5,', ',NaN,')),
      code: 'not_finite',
    },
    {
      what: 'a score that is infinite',
      sent: upload('text/csv', goodCsv.replace(',0.5,', ',Infinity,')),
      code: 'not_finite',
    },
  ];
  it.each(unread)('a reference with $what says so, and the one before stays', async ({ sent, code }) => {
    const [before, files] = [await rowCounts(db), uploads()];
    const answer = await send(REFERENCE, sent);
    expect([answer.status, answer.code, answer.body.detail]).toEqual([422, code, answer.body.detail]);
    const after = await rowCounts(db);
    // What is left is that somebody tried: a failed batch, told in the trail, and no file.
    const tried = ['batches', 'audit_events', 'audit_heads', 'outbox'];
    const measured = (counts: Record<string, number>) =>
      Object.entries(counts).filter(([table]) => !tried.includes(table));
    expect(measured(after)).toEqual(measured(before));
    expect(after.batches).toBe(before.batches! + 1);
    expect(uploads()).toEqual(files);
    const batch = await send('GET /batches/[id]', { params: { id: String(answer.body.batchId) } });
    expect(batch.body).toMatchObject({ state: 'failed', errors: [{ code }] });
  });

  it('observations with a renamed column fail, naming it, and no window is made of them', async () => {
    const { processBatch } = await import('../incidents/jobs.ts');
    const sent = await send(OBSERVATIONS, upload('text/csv', goodCsv.replace('age', 'years')));
    expect(sent.status).toBe(202);
    const [before, files] = [await rowCounts(db), uploads()];
    await processBatch(db, String(sent.body.batchId));
    const batch = await send('GET /batches/[id]', { params: { id: String(sent.body.batchId) } });
    expect(batch.body).toMatchObject({ state: 'failed', errors: [{ code: 'column_missing', column: 'age' }] });
    const after = await rowCounts(db);
    expect([after.windows, after.window_contributions]).toEqual([before.windows, before.window_contributions]);
    expect(uploads().length).toBeLessThan(files.length);
  });
});
