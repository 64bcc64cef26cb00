import { eq, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { batches } from '../../db/schema/measurements.ts';
import { goodCsv, OBSERVATIONS, testWorkspace, upload } from '../testing/refusals.ts';
import { processBatch } from './jobs.ts';

const { db, send } = await testWorkspace();

it.each([
  ['its windows', 'latest_windows', 'false'],
  ['its goals', 'outbox', `key <> 'kpis.evaluated'`],
])('a batch of which %s could not be judged is free for the next try at once', async (what, table, condition) => {
  const sent = await send(OBSERVATIONS, upload('text/csv', `${goodCsv}2026-03-06T10:00:00Z,0.5,1,${what.length}\n`));
  const id = String(sent.body.batchId);
  await db.execute(sql.raw(`alter table ${table} add constraint in_the_way check (${condition}) not valid`));
  await expect(processBatch(db, id)).rejects.toThrow();
  const [waiting] = await db.select().from(batches).where(eq(batches.id, id));
  expect(waiting).toMatchObject({ state: 'received', progress: null });
  await db.execute(sql.raw(`alter table ${table} drop constraint in_the_way`));
  await processBatch(db, id);
  const done = await send('GET /batches/[id]', { params: { id } });
  expect(done.body).toMatchObject({ state: 'done', rows: 201, errors: [] });
  // What is read anew after a correction was done before, and is again.
  await db.execute(sql.raw(`alter table ${table} add constraint in_the_way check (${condition}) not valid`));
  await expect(processBatch(db, id, true)).rejects.toThrow();
  expect((await send('GET /batches/[id]', { params: { id } })).body.state).toBe('done');
  await db.execute(sql.raw(`alter table ${table} drop constraint in_the_way`));
});
