import { expect, it } from 'vitest';
import type { DistributionView } from '../drift/schema.ts';
import { processBatch } from '../incidents/jobs.ts';
import { OBSERVATIONS, REFERENCE, testWorkspace, upload } from '../testing/refusals.ts';
import { mergeMoments } from './counts.ts';
import { childLine } from './job.ts';
import { metric, sumPerformance } from './performance.ts';
import { performanceTally } from './tally.ts';

const { db, send } = await testWorkspace();
const ROWS = 300;
const MISSING = '-1.7976931348623157e308';
/** Five days of a month, on which the age of one row is `huge`. */
const file = (month: string, huge?: string) =>
  `at,score,label,age\n${Array.from({ length: ROWS }, (_, i) => `2026-${month}-0${1 + (i % 5)}T10:00:00Z,${(i % 10) / 10},${i % 2},${i === 8 && huge ? huge : i % 7}`).join('\n')}\n`;

/** Sends observations of a month; the answer tells how the age moved, from its bins and from its rows. */
async function drift(month: string, huge?: string) {
  const taken = await send(OBSERVATIONS, upload('text/csv', file(month, huge)));
  expect(taken.status).toBe(202);
  const id = String(taken.body.batchId);
  await processBatch(db, id);
  expect((await send('GET /batches/[id]', { params: { id } })).body).toMatchObject({
    state: 'done',
    rows: ROWS,
    errors: [],
  });
  const query = `?feature=age&from=2026-${month}-01T00:00:00Z&to=2026-${month}-06T00:00:00Z&exact=true`;
  const held = await send('GET /models/[name]/distribution', { query });
  expect([held.status, held.body.detail]).toEqual([200, undefined]);
  return held.body as DistributionView;
}

it.each([
  ['03', 'the smallest double, which stands for "none"', MISSING],
  ['04', 'a value whose square no double holds', '1e155'],
])('a file (of month %s) with %s is counted like any other', async (month, _what, huge) => {
  expect(await drift(month, huge)).toMatchObject({ n: ROWS, psi: expect.closeTo(0, 1), state: 'stable' });
});

it('a reference with such a value is one to compare with, by bins and by rows', async () => {
  const taken = await send(REFERENCE, upload('text/csv', file('03', MISSING)));
  expect([taken.status, taken.body.detail]).toEqual([201, undefined]);
  const { psi, methods } = await drift('05');
  expect(psi).toBeCloseTo(0, 1);
  const values = new Map(methods.map(({ method, variant, value }) => [`${method} ${variant}`, value]));
  expect(values.get('wasserstein rows')).toBeGreaterThan(1e305);
  expect(values.get('wasserstein rows_per_reference_deviation')).toBeCloseTo(1 / Math.sqrt(ROWS), 3);
  expect(values.get('wasserstein reference_fine_bins_per_reference_deviation')).toBeNull();
});

it('sums that no double holds are not told, alone and merged', () => {
  const tally = performanceTally({ task: 'regression' }, null);
  const columns = { label: [1e-200, ...Array(99).fill(2)], prediction: Array(100).fill(1), score: Array(100).fill(0) };
  tally.add(columns, new Int32Array(100), 100);
  const state = tally.read(0, 100)!;
  const start = '2026-03-01T00:00:00.000Z';
  const window = { start, end: start, n: 100, columns: {}, performance: state };
  const line = JSON.parse(JSON.stringify({ type: 'window', window }));
  expect(childLine.parse(line)).toMatchObject({ window: { performance: { percentage: { n: 100, sum2: null } } } });
  expect(metric(sumPerformance([state, state]), 'mape')).toMatchObject({ value: null, reason: 'undefined_here' });
  expect(metric(state, 'mae').value).toBeCloseTo(1);

  const huge = { n: 1, min: 1e308, max: 1e308, sum: 1e308, m2: 0 };
  const merged = { n: 2, min: 1e308, max: 1e308, sum: null, m2: 0 };
  expect(mergeMoments(huge, huge)).toEqual(merged);
  expect(mergeMoments(merged, huge)).toEqual({ ...merged, n: 3, m2: null });
});
