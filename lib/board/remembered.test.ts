import { expect, it } from 'vitest';
import { processBatch } from '../incidents/jobs.ts';
import { OBSERVATIONS, testWorkspace, upload } from '../testing/refusals.ts';
import { getBoard } from './queries.ts';
import { remembered, stampOf } from './remembered.ts';

const { db, admin, send } = await testWorkspace();
const day = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);
const csv = (daysAgo: number, rows: number) =>
  `at,score,label,age\n${Array.from({ length: rows }, (_, i) => `${day(daysAgo)}T10:00:00Z,${(i % 10) / 10},${i % 2},${i % 7}`).join('\n')}\n`;
async function observe(daysAgo: number, rows: number): Promise<void> {
  const sent = await send(OBSERVATIONS, upload('text/csv', csv(daysAgo, rows)));
  await processBatch(db, String(sent.body.batchId));
}
const counts = async () =>
  (await getBoard(db, admin, { m: 'churn' }, new Date())).model!.drift.windows.map(({ n }) => n);

it('the board shows what came since it was last read, more of a day it had included', async () => {
  await observe(3, 100);
  expect(await counts()).toEqual([100]);
  const stamp = await stampOf(db, (await getBoard(db, admin, { m: 'churn' }, new Date())).model!.model.id);
  await observe(2, 80);
  expect(await counts()).toEqual([100, 80]);
  await observe(2, 33);
  expect(await counts()).toEqual([100, 113]);
  expect(await stampOf(db, (await getBoard(db, admin, { m: 'churn' }, new Date())).model!.model.id)).not.toBe(stamp);
});

it('an answer is computed once for a stamp, a failure again, and the longest unasked one is forgotten', async () => {
  let computed = 0;
  const ask = (stamp: string) => remembered(stamp, ['question'], async () => ++computed);
  expect([await ask('a'), await ask('a'), await ask('b')]).toEqual([1, 1, 2]);
  await expect(remembered('c', 'fails', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await remembered('c', 'fails', async () => 'works')).toBe('works');
  for (let i = 0; i < 60; i += 1) await ask(`filler ${i}`);
  const before = computed;
  await ask('filler 59');
  expect(computed).toBe(before);
  await ask('a');
  expect(computed).toBe(before + 1);
});
