import { eq } from 'drizzle-orm';
import { beforeAll, expect, it } from 'vitest';
import { auditEvents, outbox } from '../../db/schema/audit.ts';
import { batches } from '../../db/schema/measurements.ts';
import { DAY_MS } from '../base/time.ts';
import { processBatch } from '../incidents/jobs.ts';
import { OBSERVATIONS, REFERENCE, testWorkspace, upload } from '../testing/refusals.ts';
import { ACTION } from './commands/note-silence.ts';
import { noteSilences } from './watching.ts';

const { db, send } = await testWorkspace();
const day = (at: number) => new Date(Date.UTC(2026, 2, 1) + at * DAY_MS);

/** A row a day: rows are expected within 48 hours of each other. */
const csv = (from: number, days: number) =>
  `at,score,label,amount\n${Array.from({ length: days }, (_, i) => `${day(from + i).toISOString()},0.${i % 9},${i % 2},${i}`).join('\n')}\n`;

/** Files of observations that came on these days. */
async function came(...days: number[]): Promise<void> {
  for (const at of days) {
    const answer = await send(OBSERVATIONS, upload('text/csv', csv(at, 1)));
    expect(answer.status).toBe(202);
    const id = String(answer.body.batchId);
    await processBatch(db, id);
    await db
      .update(batches)
      .set({ createdAt: day(at) })
      .where(eq(batches.id, id));
  }
}
const said = () =>
  db
    .select({ body: auditEvents.body, model: auditEvents.modelId })
    .from(auditEvents)
    .where(eq(auditEvents.action, ACTION));

beforeAll(async () => {
  expect((await send(REFERENCE, upload('text/csv', csv(-60, 60)))).status).toBe(201);
});

it('data that stops coming is put on record, once a silence, and told to those who listen', async () => {
  await noteSilences(db, day(100));
  expect(await said()).toEqual([]);
  await came(1, 2, 3);
  await noteSilences(db, day(4.9));
  expect(await said()).toEqual([]);
  await noteSilences(db, day(5.1));
  const [entry, ...more] = await said();
  expect(more).toEqual([]);
  expect(JSON.parse(entry!.body)).toMatchObject({
    actor: { kind: 'job', name: 'watch' },
    after: { lastCameAt: day(3).toISOString(), lastDataAt: day(3).toISOString(), expectedBy: day(5).toISOString() },
  });
  expect(await db.select().from(outbox).where(eq(outbox.key, ACTION))).toHaveLength(1);

  await Promise.all([noteSilences(db, day(6)), noteSilences(db, day(6))]);
  expect(await said()).toHaveLength(1);

  // Six days were waited for this one: the same wait again is the rhythm, half as long again is none.
  await came(9);
  await noteSilences(db, day(17.9));
  expect(await said()).toHaveLength(1);
  await Promise.all([noteSilences(db, day(18.1)), noteSilences(db, day(18.1))]);
  expect(await said()).toHaveLength(2);
});
