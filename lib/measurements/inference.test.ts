import { isNull } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { POST } from '../../app/api/ce/[token]/route.ts';
import { inferenceEvents } from '../../db/schema/measurements.ts';
import { processBatch } from '../incidents/jobs.ts';
import { testWorkspace } from '../testing/refusals.ts';
import { bearer, call } from '../testing/web.ts';
import { readInference, uploadOf } from './inference.ts';
import { gather } from './spool.ts';

const { db, admin, send } = await testWorkspace();
let token = '';
beforeAll(async () => {
  token = (await bearer(db, admin, ['data:write'])).slice('Bearer '.length);
});

const event = (kind: 'request' | 'response', id: string, extra: Record<string, string> = {}) => ({
  'content-type': 'application/json',
  'ce-specversion': '1.0',
  'ce-type': `org.kubeflow.serving.inference.${kind}`,
  'ce-id': id,
  'ce-source': 'http://localhost:9081/',
  'ce-time': '2026-03-02T10:00:00.5Z',
  'ce-inferenceservicename': 'churn',
  ...extra,
});
const log = (headers: Record<string, string>, body: unknown, params = { token }) =>
  call(POST, 'POST', '/api/ce/[token]', { params, headers, body });
const read = (headers: Record<string, string>, body: unknown, names: string[] = []) =>
  readInference(new Headers(headers), body, names);

describe('an inference logger', () => {
  it('is answered with an empty 200, and its pairs become one batch that counts once', async () => {
    for (let i = 0; i < 60; i += 1) {
      const request = await log(event('request', `call-${i}`), { instances: [[i % 7]] });
      expect([request.status, request.body]).toEqual([200, {}]);
      await log(event('response', `call-${i}`), { predictions: [(i % 10) / 10 + 0.001] });
    }
    await log(event('request', 'never answered'), { instances: [[1]] });
    await log(event('request', 'call-0'), { instances: [[1]] });
    const [batchId, ...others] = await gather(db, new Date());
    expect(others).toEqual([]);
    await processBatch(db, batchId!);
    const batch = await send('GET /batches/[id]', { params: { id: batchId! } });
    expect(batch.body).toMatchObject({ state: 'done', rows: 60, windows: 1, errors: [] });
    const waiting = await db.select().from(inferenceEvents).where(isNull(inferenceEvents.gatheredAt));
    expect(waiting.map(({ eventId }) => eventId)).toEqual(['never answered']);
    // A logger that did not hear our answer sends a pair once more.
    await log(event('request', 'call-1'), { instances: [[1]] });
    await log(event('response', 'call-1'), { predictions: [0.9] });
    expect(await gather(db, new Date())).toEqual([]);
    expect(await gather(db, new Date(Date.now() + 25 * 3_600_000))).toEqual([]);
    expect(await db.select().from(inferenceEvents)).toEqual([]);
  });

  it('meets no address without a token that may send data', async () => {
    const wrong = await log(event('request', 'x'), { instances: [[1]] }, { token: 'plb_wrong' });
    expect(wrong).toMatchObject({ status: 404 });
    const reader = (await bearer(db, admin, ['registry:read'])).slice('Bearer '.length);
    expect(await log(event('request', 'x'), { instances: [[1]] }, { token: reader })).toMatchObject({ status: 403 });
    const nobody = event('request', 'x', { 'ce-inferenceservicename': 'nobody' });
    expect(await log(nobody, { instances: [[1]] })).toMatchObject({ status: 404, code: 'model_not_found' });
    expect(await db.select().from(inferenceEvents)).toEqual([]);
  });

  it.each([
    ['not_a_cloud_event', event('request', 'x', { 'ce-specversion': '0.3' }), { instances: [] }],
    ['unknown_event_type', event('request', 'x', { 'ce-type': 'io.example' }), { instances: [] }],
    ['event_time_missing', event('request', 'x', { 'ce-time': 'soon' }), { instances: [] }],
    ['event_id_missing', event('request', 'x'.repeat(201)), { instances: [] }],
    ['unknown_payload', event('request', 'x'), { predictions: [1] }],
    ['unknown_payload', event('response', 'x'), { outputs: [{ name: 'y' }] }],
    [
      'tensor_shape',
      event('request', 'x'),
      { inputs: [{ name: 'x', shape: [2, 2], datatype: 'FP32', data: [1, 2, 3] }] },
    ],
  ])('is told %s', async (code, headers, body) => {
    expect(await log(headers, body)).toMatchObject({ status: 400, code });
  });
});

describe('a payload', () => {
  it('in V1 has rows with names, or without', () => {
    const named = read(event('request', 'x'), { instances: [{ age: 1, plan: 'a' }, { age: 2 }] });
    expect(named.rows).toEqual([
      { name: 'age', values: [1, 2] },
      { name: 'plan', values: ['a', null] },
    ]);
    const plain = read(event('request', 'x'), { instances: [[1, 'a']] }, ['age', 'plan']);
    expect(plain.rows.map(({ name }) => name)).toEqual(['age', 'plan']);
    const unknown = read(event('request', 'x'), { instances: [[1, 2, 3]] }, ['age', 'plan']);
    expect(unknown.rows.map(({ name }) => name)).toEqual(['feature_0', 'feature_1', 'feature_2']);
  });

  it('in v2 is tensors, flat or nested, a column or a matrix', () => {
    const inputs = [
      { name: 'age', shape: [2, 1], datatype: 'INT64', data: [1, 2] },
      { name: 'plan', shape: [2], datatype: 'BYTES', data: ['a', 'b'] },
    ];
    expect(read(event('request', 'x'), { inputs }).rows).toEqual([
      { name: 'age', values: [1, 2] },
      { name: 'plan', values: ['a', 'b'] },
    ]);
    const matrix = {
      inputs: [
        {
          name: 'x',
          shape: [2, 2],
          datatype: 'FP32',
          data: [
            [1, 2],
            [3, 4],
          ],
        },
      ],
    };
    expect(read(event('request', 'x'), matrix, ['age', 'income']).rows).toEqual([
      { name: 'age', values: [1, 3] },
      { name: 'income', values: [2, 4] },
    ]);
  });

  it('of Seldon is joined by its request id', () => {
    const headers = event('request', 'own', {
      'ce-type': 'io.seldon.serving.inference.request',
      'ce-requestid': 'shared',
    });
    expect(read(headers, { instances: [1] }).id).toBe('shared');
  });
});

it('an answer becomes the score or the prediction that the reference knows', () => {
  const score = { name: 'proba', role: 'score' as const, kind: 'numeric' as const };
  const prediction = { name: 'yes', role: 'prediction' as const, kind: 'categorical' as const };
  const one = (response: { name: string; values: (string | number)[] }[], reference = [score, prediction]) => {
    const pair = { id: 'e', at: new Date(0), request: [{ name: 'age', values: [1] }], response };
    const { ndjson, roles } = uploadOf([pair], reference);
    return { ...JSON.parse(ndjson), roles };
  };
  const both = { id: 'event_id', timestamp: 'event_time' };
  expect(one([{ name: 'prediction', values: [0.25] }])).toMatchObject({
    proba: 0.25,
    roles: { ...both, score: 'proba' },
  });
  expect(one([{ name: 'prediction', values: ['no'] }])).toMatchObject({ yes: 'no', roles: { prediction: 'yes' } });
  expect(
    one([
      { name: 'p_0', values: [0.3] },
      { name: 'p_1', values: [0.7] },
    ]),
  ).toMatchObject({ proba: 0.7 });
  expect(
    one([
      { name: 'proba', values: [1] },
      { name: 'yes', values: [1] },
    ]),
  ).toMatchObject({ proba: 1, yes: 1 });
  expect(one([{ name: 'prediction', values: [3] }], [])).toMatchObject({ prediction: 3 });
});
