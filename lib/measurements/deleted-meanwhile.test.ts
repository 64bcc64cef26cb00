import { eq, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import type { Db } from '../../db/client.ts';
import { models } from '../../db/schema/models.ts';
import { jobActor } from '../access/schema.ts';
import { newId } from '../base/ids.ts';
import { processBatch } from '../incidents/jobs.ts';
import { deleteModel } from '../models/commands/delete.ts';
import { registerModel } from '../models/commands/register.ts';
import { registerVersion } from '../models/commands/register-version.ts';
import { lockWithFiles } from '../models/queries.ts';
import { execute } from '../shell/command.ts';
import { someoneWaits } from '../testing/locks.ts';
import { goodCsv, OBSERVATIONS, REFERENCE, testWorkspace, upload } from '../testing/refusals.ts';
import { rowCounts } from '../testing/web.ts';
import { finishBatch } from './commands/finish-batch.ts';
import { recordCounts } from './commands/record-counts.ts';
import { removeFiles } from './jobs.ts';
import { lockBatch } from './queries.ts';

const { db, uploads, admin, send } = await testWorkspace();
const intake = jobActor('test');

/** A model of its own with an upload that waits to be read. */
async function sent(name: string): Promise<string> {
  await execute(registerModel, { name }, { db, actor: admin });
  await execute(registerVersion, { name, source: 's3://m/1' }, { db, actor: admin });
  const file = { ...upload('text/csv', goodCsv), params: { name } };
  expect((await send(REFERENCE, file)).status).toBe(201);
  return String((await send(OBSERVATIONS, file)).body.batchId);
}

function found(batchId: string) {
  const window = { start: '2025-01-01T00:00:00Z', end: '2025-01-02T00:00:00Z', n: 1, columns: {}, performance: null };
  const counted = { referenceId: newId(), windows: [window] };
  return { batchId, parquetPath: '/nowhere', inspection: null, profile: null, counted };
}

it('a model is deleted after the counts of its upload that are being kept, and takes them along', async () => {
  const batchId = await sent('counted-first');
  const before = await rowCounts(db);
  let deleting: Promise<unknown> | undefined;
  await db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    await lockBatch(tx, batchId);
    deleting = execute(deleteModel, { name: 'counted-first' }, { db, actor: admin });
    deleting.catch(() => {});
    await someoneWaits(db);
    await execute(recordCounts, found(batchId), { db: tx, actor: intake });
  });
  expect(await deleting).toEqual({ deleted: true });
  const after = await rowCounts(db);
  expect(after.batches).toBe(before.batches! - 2);
  expect(after.window_contributions).toBe(before.window_contributions);
});

it('counts that come while their model is deleted find no upload any more', async () => {
  const batchId = await sent('deleted-first');
  const late: Promise<unknown>[] = [];
  await db.transaction(async (tx) => {
    await execute(deleteModel, { name: 'deleted-first' }, { db: tx as unknown as Db, actor: admin });
    late.push(execute(recordCounts, found(batchId), { db, actor: intake }));
    late.push(execute(finishBatch, { batchId, errors: [] }, { db, actor: intake }));
    for (const one of late) one.catch(() => {});
    await someoneWaits(db);
  });
  for (const one of late) await expect(one).rejects.toMatchObject({ kind: 'not_found', code: 'batch_not_found' });
});

/** What the worker does for the models that were deleted so far. */
async function removeWhatIsLeft(): Promise<void> {
  const jobs = await db.execute<{ payload: string }>(sql`select payload from outbox where job = 'remove-files'`);
  for (const { payload } of jobs) await removeFiles(JSON.parse(payload).uploads);
}

it('the files of a deleted model go with it, also those of an upload that is just being read', async () => {
  await removeWhatIsLeft();
  const before = uploads();
  const batchId = await sent('read-meanwhile');
  const waiting = await sent('read-meanwhile-2');
  let reading: Promise<unknown> | undefined;
  await db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    await lockWithFiles(tx, eq(models.name, 'read-meanwhile'));
    reading = processBatch(db, batchId);
    await someoneWaits(db);
    for (const name of ['read-meanwhile', 'read-meanwhile-2'])
      await execute(deleteModel, { name }, { db: tx, actor: admin });
  });
  await reading;
  // A job of a batch that is no more has nothing to do.
  await processBatch(db, waiting);
  await processBatch(db, batchId, true);
  expect(uploads()).not.toEqual(before);
  await removeWhatIsLeft();
  expect(uploads()).toEqual(before);
});
