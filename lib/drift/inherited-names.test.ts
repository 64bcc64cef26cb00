import { expect, it } from 'vitest';
import { processBatch } from '../incidents/jobs.ts';
import { OBSERVATIONS, REFERENCE, testWorkspace, upload } from '../testing/refusals.ts';

const { send, db } = await testWorkspace();

/** Names that every object of the language has something under; a table about racing has a constructor. */
const NAMES = ['constructor', 'toString', 'hasOwnProperty', 'valueOf'];
const rows = (from: number, names: readonly string[]) =>
  `at,score,label,${names.join(',')}\n${Array.from({ length: 400 }, (_, i) => {
    const values = names.map((_, n) => (n % 2 ? `team ${(i + n) % 4}` : (i * (n + 1)) % 9));
    return `2026-03-0${from + (i % 3)}T10:00:00Z,${(i % 10) / 10},${i % 2},${values.join(',')}`;
  }).join('\n')}\n`;

it('a column may be called what every object has, whether the next file brings it or not', async () => {
  const version = await send('POST /models/[name]/versions', { body: { source: 's3://m/2' } });
  const at = { params: { version: String(version.body.version) } };
  const reference = await send(REFERENCE, { ...upload('text/csv', rows(1, NAMES)), ...at });
  expect(reference).toMatchObject({ status: 201, body: { rows: 400 } });
  const columns = { hasOwnProperty: { required: false }, valueOf: { required: false } };
  const changed = await send('PATCH /models/[name]/contract', {
    headers: { 'if-match': '"1"' },
    query: `?version=${version.body.version}`,
    body: { columns, reason: 'Not every team sends them.' },
  });
  expect(changed.status).toBe(200);
  for (const [from, names] of [
    [1, NAMES],
    [4, NAMES.slice(0, 2)],
  ] as const) {
    const sent = await send(OBSERVATIONS, { ...upload('text/csv', rows(from, names)), ...at });
    const id = String(sent.body.batchId);
    await processBatch(db, id);
    const { body } = await send('GET /batches/[id]', { params: { id } });
    expect([names.length, body.state, body.errors]).toEqual([names.length, 'done', []]);
  }
  const drift = await send('GET /models/[name]/drift', { query: `?version=${version.body.version}` });
  const features = drift.body.features as { name: string; importance: unknown }[];
  expect(features.map(({ name }) => name).toSorted()).toEqual(['score', ...NAMES].toSorted());
  for (const { name, importance } of features)
    expect([name, importance === null || typeof importance === 'number']).toEqual([name, true]);
  for (const feature of NAMES) {
    const { status } = await send('GET /models/[name]/distribution', {
      query: `?feature=${feature}&version=${version.body.version}&from=2026-03-01&to=2026-03-10`,
    });
    expect([feature, status]).toEqual([feature, 200]);
  }
  await send('PUT /models/[name]/versions/[version]/importance', {
    ...at,
    body: { method: 'gain', values: { constructor: 2 } },
  });
  const { body } = await send('GET /models/[name]/drift', { query: `?version=${version.body.version}` });
  const told = body.features as { name: string; importance: unknown }[];
  expect(Object.fromEntries(told.map(({ name, importance }) => [name, importance]))).toEqual({
    score: null,
    constructor: 1,
    toString: 0,
    hasOwnProperty: 0,
    valueOf: 0,
  });
});

it('a column may not be called what no object can hold under a name, nor what nobody can read', async () => {
  const answer = await send(REFERENCE, upload('text/csv', rows(1, ['__proto__'])));
  expect(answer).toMatchObject({ status: 422, code: 'column_name_refused', body: { errors: [{ path: '__proto__' }] } });
  const long = await send(REFERENCE, upload('text/csv', rows(1, ['x'.repeat(100_000)])));
  expect(long).toMatchObject({ status: 422, code: 'column_name_refused' });
  expect(JSON.stringify(long.body).length).toBeLessThan(2_000);
});
