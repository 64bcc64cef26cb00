import { rmSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import type { Db } from '../../db/client.ts';
import { jobActor } from '../access/schema.ts';
import { judgeWindows } from '../drift/commands/judge-windows.ts';
import { processBatch } from '../incidents/jobs.ts';
import { execute } from '../shell/command.ts';
import { someoneWaits } from '../testing/locks.ts';
import { OBSERVATIONS, REFERENCE, testWorkspace } from '../testing/refusals.ts';
import type { Sent } from '../testing/web.ts';
import { recordCounts } from './commands/record-counts.ts';
import { processReference } from './engine.ts';
import { takeIn } from './jobs.ts';
import { findReference, getBatch } from './queries.ts';

const { db, send } = await testWorkspace();
const intake = jobActor('test');
const ROWS = 60;

const csv = (body: string, query: string): Sent => ({ body, headers: { 'content-type': 'text/csv' }, query });
const decisions = (prefix: string, day: string) =>
  csv(
    `id,at,score,town\n${Array.from({ length: ROWS }, (_, i) => `${prefix}${i},${day}T10:00:00Z,0.${i % 10},${i % 7}`).join('\n')}\n`,
    '?timestamp=at&score=score&id=id',
  );
const learned = (town: (i: number) => string | number) =>
  `id,at,score,label,town\n${Array.from({ length: 200 }, (_, i) => `r${i},2026-03-0${1 + (i % 5)}T10:00:00Z,0.${i % 10},${i % 2},${town(i)}`).join('\n')}\n`;
const roles = { id: 'id', timestamp: 'at', score: 'score', label: 'label' };
const truths = (ids: string[]) =>
  csv(`id,truth\n${ids.map((id, i) => `${id},${i % 2}`).join('\n')}\n`, '?id=id&label=truth');

const acknowledged = async (route: string, sent: Sent) => String((await send(route, sent)).body.batchId);
const observations = (sent: Sent) => acknowledged(OBSERVATIONS, sent);
const labels = (ids: string[]) => acknowledged('POST /models/[name]/labels', truths(ids));
const warningsOf = async (id: string) => (await send('GET /batches/[id]', { params: { id } })).body.warnings;
/** Takes a batch in and tells which others it has the worker read anew. */
async function askedAgain(work: () => Promise<unknown>): Promise<string[]> {
  const [before] = await db.execute<{ id: string }>(sql`select coalesce(max(id), 0) as id from outbox`);
  await work();
  const jobs = await db.execute<{ batch: string }>(
    sql`select payload::jsonb->>'batchId' as batch from outbox where id > ${before!.id} and payload::jsonb->>'again' = 'true'`,
  );
  return jobs.map(({ batch }) => batch);
}
const inOrder = (ids: string[]) => ids.toSorted();

describe('labels that come late', async () => {
  await send(
    REFERENCE,
    csv(
      learned((i) => i % 7),
      '?timestamp=at&score=score&label=label&id=id',
    ),
  );
  const [monday, tuesday] = [
    await observations(decisions('m', '2026-04-06')),
    await observations(decisions('t', '2026-04-07')),
  ];
  for (const id of [monday, tuesday]) await processBatch(db, id);

  it('have only the files read anew that hold their rows', async () => {
    const ofMonday = await labels(['m1', 'm2', 'm3']);
    expect(await askedAgain(() => processBatch(db, ofMonday))).toEqual([monday]);
    expect(await warningsOf(ofMonday)).toEqual([]);
    const ofBoth = await labels(['m4', 't4']);
    expect(inOrder(await askedAgain(() => processBatch(db, ofBoth)))).toEqual(inOrder([monday, tuesday]));
  });

  it('are told of ids that no row has', async () => {
    const some = await labels(['m5', 'x1', 'x2']);
    expect(await askedAgain(() => processBatch(db, some))).toEqual([monday]);
    expect(await warningsOf(some)).toMatchObject([
      { code: 'ids_unmatched', column: 'id', message: expect.stringMatching(/^2 of 3 ids in "id" are of no row/) },
    ]);
    const none = await labels(['x3', 'x4']);
    expect(await askedAgain(() => processBatch(db, none))).toEqual([]);
    expect(await warningsOf(none)).toMatchObject([{ message: expect.stringMatching(/^None of the 2 ids in "id" is/) }]);
  });

  it('have a file read anew whose reading may have begun without them', async () => {
    const waiting = await observations(decisions('w', '2026-04-08'));
    const early = await labels(['w1']);
    expect(await askedAgain(() => processBatch(db, early))).toEqual([waiting]);
    await processBatch(db, waiting);
    expect(await askedAgain(() => processBatch(db, waiting, true))).toEqual([]);
    expect((await send('GET /batches/[id]', { params: { id: waiting } })).body).toMatchObject({
      state: 'done',
      rows: ROWS,
    });
  });

  it('are kept where a file of observations is gone, and have all of them read anew', async () => {
    const gone = await observations(decisions('g', '2026-04-13'));
    await processBatch(db, gone);
    rmSync((await getBatch(db, gone)).batch.parquetPath!);
    const late = await labels(['m6']);
    const again = await askedAgain(() => processBatch(db, late));
    expect(again).toEqual(expect.arrayContaining([monday, tuesday, gone]));
    expect((await getBatch(db, late)).batch).toMatchObject({ state: 'done', rows: 1, warnings: [] });
  });
});

it('of two that judge one window at once, the last to look is the last to write', async () => {
  const { batch } = await getBatch(db, await observations(decisions('p', '2026-04-10')));
  const first = await takeIn(db, batch.id, false);
  const more = await getBatch(db, await observations(decisions('q', '2026-04-10')));
  let judging: Promise<unknown> | undefined;
  await db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    await execute(judgeWindows, first!, { db: tx, actor: intake });
    const second = await takeIn(db, more.batch.id, false);
    judging = execute(judgeWindows, second!, { db, actor: intake });
    await someoneWaits(db);
  });
  await judging;
  const [window] = await db.execute<{ n: string }>(
    sql`select n from windows where model_id = ${batch.modelId} and start = '2026-04-10T00:00:00Z'
      and reference_id = (select id from reference_profiles where model_id = ${batch.modelId} and current)`,
  );
  expect(Number(window!.n)).toBe(2 * ROWS);
});

/** Keeps another reference in a transaction that is open while `meanwhile` runs. */
async function anotherReference(town: (i: number) => string | number, meanwhile: () => Promise<unknown>) {
  const batchId = await observations(csv(learned(town), '?timestamp=at&score=score&id=id'));
  await db.execute(sql`update batches set kind = 'reference' where id = ${batchId}`);
  const { batch } = await getBatch(db, batchId);
  const output = `${batch.rawPath}.parquet`;
  const read = await processReference({ path: batch.rawPath, format: 'csv', output, roles, purpose: 'reference' });
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  const { inspection, profile } = read;
  const found = { batchId, parquetPath: output, inspection, profile, counted: null };
  await db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    await execute(recordCounts, found, { db: tx, actor: intake });
    await meanwhile();
  });
}

it('a file that is read while its reference is replaced is read anew, by the types of the new one', async () => {
  const { batch } = await getBatch(db, await observations(decisions('n', '2026-04-09')));
  const names = (i: number) => ['rome', 'oslo', 'bern'][i % 3]!;
  let reading: Promise<unknown> | undefined;
  const again = await askedAgain(() =>
    anotherReference(names, async () => {
      // By the reference that holds until the transaction ends, town is a number.
      reading = processBatch(db, batch.id);
      await someoneWaits(db);
    }),
  );
  await reading;
  expect(again).toContain(batch.id);
  await processBatch(db, batch.id, true);
  const reference = await findReference(db, batch.modelId, batch.version);
  const now = await getBatch(db, batch.id);
  expect(now.batch).toMatchObject({ state: 'done', rows: ROWS, windows: 1, referenceId: reference!.id });
  expect(now.batch.columns).toContainEqual(expect.objectContaining({ name: 'town', kind: 'categorical' }));
});
