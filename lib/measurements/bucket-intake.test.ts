import { globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { batches } from '../../db/schema/measurements.ts';
import { processBatch } from '../incidents/jobs.ts';
import { testBucket } from '../testing/bucket.ts';
import { goodCsv, OBSERVATIONS, REFERENCE, testWorkspace, upload } from '../testing/refusals.ts';
import { rowCounts, type Sent } from '../testing/web.ts';

const { db, uploads, send, refuses } = await testWorkspace();
const bucket = await testBucket();
const REMOTE = { ...process.env };
const version = { version: '2' };
const rows = 2000;
/** Two days of rows, of which one has a score that cannot be read; gzip is not needed to have it converted. */
const content = (from: number, score = '0.5'): string =>
  `at,id,score,label,age\n${Array.from(
    { length: rows },
    (_, i) =>
      `2026-03-0${1 + (i % 2)}T1${i % 3}:00:00Z,r${from + i},${i === 7 ? score : (i % 10) / 10},${i % 2},${20 + (i % 30)}`,
  ).join('\n')}\n`;
const csv = (body: string): Sent => ({
  body,
  params: version,
  headers: { 'content-type': 'text/csv' },
  query: '?timestamp=at&id=id&score=score&label=label',
});
/** Every read from here on finds this machine without a copy. */
const forgetCopies = () =>
  rmSync(join(process.env.PLUMBLINE_DATA_DIR!, 'blob-cache'), { recursive: true, force: true });
const held = () => globSync('blob-cache/held/*', { cwd: process.env.PLUMBLINE_DATA_DIR! });
const view = async (batchId: string) => (await send('GET /batches/[id]', { params: { id: batchId } })).body;

async function observed(body: string): Promise<string> {
  const sent = await send(OBSERVATIONS, csv(body));
  expect([sent.status, sent.body.state]).toEqual([202, 'received']);
  const batchId = String(sent.body.batchId);
  forgetCopies();
  await processBatch(db, batchId);
  return batchId;
}

beforeEach(() => {
  process.env = { ...REMOTE };
});

describe('uploads in a bucket', () => {
  it('are in it before the answer, read by a machine without a copy, counted, and asked anew by the hour', async () => {
    await send('POST /models/[name]/versions', { body: { source: 's3://m/2' } });
    const reference = await send(REFERENCE, csv(content(0)));
    expect(reference).toMatchObject({ status: 201, body: { rows } });
    const before = bucket.keys().length;
    const batchId = await observed(content(rows));
    expect(await view(batchId)).toMatchObject({ state: 'done', rows, windows: 2, errors: [] });
    // The file as it came and the converted one.
    expect(bucket.keys()).toHaveLength(before + 2);
    expect(bucket.keys().every((key) => key.startsWith('plumbline/raw/'))).toBe(true);
    forgetCopies();
    const query = '?window=hour&version=2&from=2026-03-01T00:00:00Z&to=2026-03-03T00:00:00Z';
    const hours = await send('GET /models/[name]/drift', { query });
    expect([hours.status, (hours.body.windows as unknown[]).length]).toEqual([200, 6]);
    // The workspace's own reference came while the uploads were in a folder; nothing more was written there.
    expect([uploads().length, held()]).toEqual([2, []]);
  });

  it('hand out the rows that were set aside, from the bucket', async () => {
    const batchId = await observed(content(2 * rows, 'many'));
    expect(await view(batchId)).toMatchObject({ state: 'done', setAside: 1 });
    forgetCopies();
    const answer = await send('GET /batches/[id]/quarantine', { params: { id: batchId } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(bucket.keys().filter((key) => key.endsWith('.aside'))).toHaveLength(1);
    await expect.poll(held).toEqual([]);
  });

  it('are read anew when another reference comes', async () => {
    const batchId = await observed(content(3 * rows));
    await send(REFERENCE, csv(content(4 * rows)));
    forgetCopies();
    await processBatch(db, batchId, true);
    expect(await view(batchId)).toMatchObject({ state: 'done', rows, windows: 2 });
  });

  it('leave the bucket when they cannot be read', async () => {
    const keys = bucket.keys();
    const batchId = await observed(content(5 * rows).replace('age', 'years'));
    expect(await view(batchId)).toMatchObject({ state: 'failed', errors: [{ code: 'column_missing', column: 'age' }] });
    expect(bucket.keys()).toEqual(keys);
  });

  it('that were kept in a folder before stay readable', async () => {
    const before = { ...process.env };
    delete process.env.BLOBS_URL;
    const sent = await send(OBSERVATIONS, csv(content(6 * rows)));
    process.env = before;
    await processBatch(db, String(sent.body.batchId));
    expect(await view(String(sent.body.batchId))).toMatchObject({ state: 'done', rows });
  });
});

describe('a bucket that is away', () => {
  const away = () => Object.assign(process.env, { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });

  it('refuses an upload with 503, and nothing of it is kept anywhere', async () => {
    const keys = bucket.keys();
    away();
    await refuses({ route: OBSERVATIONS, sent: upload('text/csv', goodCsv), status: 503, code: 'blobs_unavailable' });
    expect([bucket.keys(), held()]).toEqual([keys, []]);
  });

  it('leaves what was received for the next try, which counts it', async () => {
    const sent = await send(OBSERVATIONS, csv(content(7 * rows)));
    const batchId = String(sent.body.batchId);
    forgetCopies();
    away();
    const before = await rowCounts(db);
    await expect(processBatch(db, batchId)).rejects.toMatchObject({ code: 'blobs_unavailable' });
    expect(await view(batchId)).toMatchObject({ state: 'received', rows: null });
    expect((await rowCounts(db)).window_contributions).toBe(before.window_contributions);
    process.env = { ...REMOTE };
    await processBatch(db, batchId);
    expect(await view(batchId)).toMatchObject({ state: 'done', rows });
    expect((await db.select().from(batches)).every(({ state }) => state !== 'processing')).toBe(true);
  });
});
