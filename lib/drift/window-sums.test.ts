import { expect, it } from 'vitest';
import { processBatch } from '../incidents/jobs.ts';
import { listPieces } from '../measurements/pieces.ts';
import { findReference, getBatch, listContributions } from '../measurements/queries.ts';
import { goodCsv, OBSERVATIONS, testWorkspace, upload } from '../testing/refusals.ts';
import { mergePieces } from './merge.ts';
import { listMetricSeries } from './queries/series.ts';

const { db, send } = await testWorkspace();
const FIRST = new Date('2026-03-01T00:00:00Z');
const DAYS = { from: FIRST, to: new Date('2026-03-06T00:00:00Z') };

/** The same 200 rows over five days, at other seconds. */
async function another(second: number): Promise<string> {
  const sent = await send(OBSERVATIONS, upload('text/csv', goodCsv.replaceAll(':00Z', `:${10 + second}Z`)));
  const id = String(sent.body.batchId);
  await processBatch(db, id);
  return id;
}

it('a window of many files is read as one sum, with the figures of its files', async () => {
  const first = await another(0);
  const { batch } = await getBatch(db, first);
  const reference = (await findReference(db, batch.modelId, 1))!;
  const ofFirstDay = async () => (await listPieces(db, reference, DAYS)).filter(({ start }) => +start === +FIRST);
  for (let second = 1; second < 7; second += 1) await another(second);
  expect(await ofFirstDay()).toHaveLength(7);
  const series = () => listMetricSeries(db, batch.modelId, 'brier', 7);
  const before = await series();

  await another(7);
  const contributions = await listContributions(db, batch.modelId, reference.id, [FIRST]);
  expect(contributions).toHaveLength(8);
  const [sum, ...more] = await ofFirstDay();
  expect(more).toEqual([]);
  expect(sum).toEqual(mergePieces(contributions));
  expect(await listPieces(db, reference, DAYS)).toHaveLength(5);
  // Eight times the same rows, as seven times before.
  const after = await series();
  expect(after.map(({ n }) => n * 7)).toEqual(before.map(({ n }) => n * 8));
  for (const [i, { value }] of after.entries()) expect(value).toBeCloseTo(before[i]!.value!, 12);

  await processBatch(db, first, true);
  expect(await ofFirstDay()).toEqual([sum]);
});
