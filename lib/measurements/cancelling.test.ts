import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { auditEvents } from '../../db/schema/audit.ts';
import { batches } from '../../db/schema/measurements.ts';
import { jobActor } from '../access/schema.ts';
import { processBatch } from '../incidents/jobs.ts';
import { execute } from '../shell/command.ts';
import { goodCsv, OBSERVATIONS, REFERENCE, testWorkspace, upload } from '../testing/refusals.ts';
import { rowCounts, signedIn } from '../testing/web.ts';
import { finishBatch } from './commands/finish-batch.ts';
import { recordCounts } from './commands/record-counts.ts';
import { BatchBusy } from './jobs.ts';
import { findReference } from './queries.ts';

const CANCEL = 'POST /batches/[id]/cancel';
const { db, uploads, send } = await testWorkspace();
let second = 10;
/** Rows of another second each time: the same file again would be the batch it was. */
const another = (): string => goodCsv.replaceAll('T10:00:00Z', `T10:00:${++second}Z`);

async function sent(): Promise<string> {
  const answer = await send(OBSERVATIONS, upload('text/csv', another()));
  expect([answer.status, answer.body.state]).toEqual([202, 'received']);
  return String(answer.body.batchId);
}
const cancel = (id: string) => send(CANCEL, { params: { id } });
const view = async (id: string) => (await send('GET /batches/[id]', { params: { id } })).body;
const counted = async () => {
  const { windows, window_contributions: contributions } = await rowCounts(db);
  return { windows, contributions };
};
async function until(holds: () => Promise<boolean>): Promise<void> {
  await expect.poll(holds, { timeout: 10_000 }).toBe(true);
}

describe('an upload that is cancelled', () => {
  it('while it waits is never read, its file goes, and the trail says who did it', async () => {
    const files = uploads();
    const id = await sent();
    const before = await counted();
    const answer = await cancel(id);
    expect([answer.status, answer.body.state]).toEqual([200, 'cancelled']);
    expect(answer.body.finishedAt).not.toBeNull();
    await processBatch(db, id);
    expect(await view(id)).toMatchObject({ state: 'cancelled', rows: null, windows: null, errors: [] });
    expect(await counted()).toEqual(before);
    expect(uploads()).toEqual(files);
    const trail = await db.select().from(auditEvents).where(eq(auditEvents.subjectId, id));
    expect(trail.map(({ action }) => action)).toEqual(['measurements.upload', 'measurements.cancel-batch']);
  });

  it('while it is read has its reader killed, and nothing of it counts', async () => {
    const files = uploads();
    const id = await sent();
    const [batch] = await db.select().from(batches).where(eq(batches.id, id));
    // A pipe that nobody writes to: the reader waits for its first byte for ever.
    await rm(batch!.rawPath);
    execFileSync('mkfifo', [batch!.rawPath]);
    const before = await counted();
    const reading = processBatch(db, id);
    await until(async () => (await view(id)).progress === 'reading');
    expect((await cancel(id)).status).toBe(200);
    await reading;
    expect((await view(id)).state).toBe('cancelled');
    expect(await counted()).toEqual(before);
    expect(uploads()).toEqual(files);
  });

  it('a moment before its counts are kept does not get them, nor another end', async () => {
    const id = await sent();
    await db.update(batches).set({ state: 'processing' }).where(eq(batches.id, id));
    await cancel(id);
    const before = await counted();
    const [batch] = await db.select().from(batches).where(eq(batches.id, id));
    const { id: referenceId } = (await findReference(db, batch!.modelId, 1))!;
    const window = { start: '2025-01-01T00:00:00Z', end: '2025-01-02T00:00:00Z', n: 1, columns: {}, performance: null };
    const found = {
      batchId: id,
      parquetPath: '/nowhere',
      inspection: null,
      profile: null,
      counted: { referenceId, windows: [window] },
    };
    const actor = jobActor('test');
    await expect(execute(recordCounts, found, { db, actor })).rejects.toMatchObject({ code: 'batch_cancelled' });
    await execute(finishBatch, { batchId: id, errors: [] }, { db, actor });
    expect((await view(id)).state).toBe('cancelled');
    expect(await counted()).toEqual(before);
  });

  it('just as another worker takes it over from one that died is not read', async () => {
    const id = await sent();
    const dead = new Date(Date.now() - 24 * 3_600_000);
    await db.update(batches).set({ state: 'processing', startedAt: dead }).where(eq(batches.id, id));
    const before = await counted();
    let taken: Promise<unknown> = Promise.resolve();
    await db.transaction(async (tx) => {
      await tx.update(batches).set({ state: 'cancelled', finishedAt: new Date() }).where(eq(batches.id, id));
      taken = processBatch(db, id).catch((error: unknown) => error);
      // It has seen the batch as it was before, and waits to claim it.
      await until(async () => {
        const [row] = await db.execute<{ n: number }>(
          sql`select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
        );
        return row?.n === 1;
      });
    });
    expect(await taken).toBeInstanceOf(BatchBusy);
    expect((await view(id)).state).toBe('cancelled');
    expect(await counted()).toEqual(before);
  });

  it('can be sent again, and counts then', async () => {
    const body = another();
    const first = await send(OBSERVATIONS, upload('text/csv', body));
    await cancel(String(first.body.batchId));
    const again = await send(OBSERVATIONS, upload('text/csv', body));
    expect(again.body.batchId).not.toBe(first.body.batchId);
    await processBatch(db, String(again.body.batchId));
    expect(await view(String(again.body.batchId))).toMatchObject({ errors: [], state: 'done', rows: 200 });
  });

  it('twice is cancelled once', async () => {
    const id = await sent();
    await cancel(id);
    const before = await rowCounts(db);
    expect((await cancel(id)).body.state).toBe('cancelled');
    expect((await rowCounts(db)).audit_events).toBe(before.audit_events);
  });

  it('as a reference is answered as cancelled to whoever waits for it', async () => {
    const followed = await send(REFERENCE, {
      ...upload('text/csv', another(), { prefer: 'respond-async' }),
      query: '?timestamp=at&score=score&label=label',
    });
    expect([followed.status, followed.body.state]).toEqual([202, 'received']);
    expect(followed.headers.get('preference-applied')).toBe('respond-async');
    const references = (await rowCounts(db)).reference_profiles;
    await cancel(String(followed.body.batchId));
    await processBatch(db, String(followed.body.batchId));
    expect((await rowCounts(db)).reference_profiles).toBe(references);
  });
});

describe('cancelling is refused', () => {
  it('once the work has ended', async () => {
    const id = await sent();
    await processBatch(db, id);
    const before = await counted();
    expect(await cancel(id)).toMatchObject({ status: 409, code: 'batch_ended' });
    expect(await counted()).toEqual(before);
  });

  it('once the rows are counted, and while they are read anew', async () => {
    const id = await sent();
    await processBatch(db, id);
    await db.update(batches).set({ state: 'processing' }).where(eq(batches.id, id));
    expect(await cancel(id)).toMatchObject({ status: 409, code: 'batch_counted' });
  });

  it('for an upload that is not there', async () => {
    expect(await cancel('00000000-0000-4000-8000-000000000000')).toMatchObject({ status: 404 });
  });

  it('to whoever may not send data', async () => {
    const id = await sent();
    const viewer = await signedIn(db, 'viewer', ['viewer']);
    const answer = await send(CANCEL, { params: { id }, cookie: viewer.cookie });
    expect([answer.status, answer.code]).toEqual([403, 'role_missing']);
    expect((await view(id)).state).toBe('received');
  });
});
