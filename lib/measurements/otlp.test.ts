import { expect, it } from 'vitest';
import { POST } from '../../app/api/otlp/v1/metrics/route.ts';
import { externalMetrics } from '../../db/schema/measurements.ts';
import { registerModel } from '../models/commands/register.ts';
import { execute } from '../shell/command.ts';
import { bearer, call, signedIn, testWeb } from '../testing/web.ts';
import { otlpMetrics, readOtlp } from './otlp.ts';

const { db } = await testWeb();
const data = await signedIn(db, 'data', ['data']);
const authorization = await bearer(db, data, ['data:write']);
await execute(registerModel, { name: 'churn' }, { db, actor: data });

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const NANOS = '1763719200000000000';
const request = (service: string, metrics: unknown[]) => ({
  resourceMetrics: [{ resource: { attributes: [text('service.name', service)] }, scopeMetrics: [{ metrics }] }],
});
const gauge = (name: string, ...dataPoints: unknown[]) => ({ name, unit: 's', gauge: { dataPoints } });
const send = (body: unknown, headers: Record<string, string> = {}) =>
  call(POST, 'POST', '/api/otlp/v1/metrics', { body, headers: { authorization, ...headers } });

it('takes gauges and sums as figures of the model that the service names', async () => {
  const attributes = [text('segment', 'plan:basic'), { key: 'model.version', value: { intValue: '2' } }];
  const answer = await send(
    request('churn', [
      gauge('model.latency', { timeUnixNano: NANOS, asDouble: 0.12, attributes }),
      { name: 'decisions', sum: { isMonotonic: true, dataPoints: [{ timeUnixNano: NANOS, asInt: '1200' }] } },
    ]),
  );
  expect([answer.status, answer.body]).toEqual([200, {}]);
  const rows = await db.select().from(externalMetrics).orderBy(externalMetrics.metric);
  const at = new Date('2025-11-21T10:00:00Z');
  expect(rows).toMatchObject([
    { metric: 'decisions', value: '1200', at, version: 0, segment: '' },
    { metric: 'model.latency', value: '0.12', at, version: 2, segment: 'plan:basic' },
  ]);
});

it('counts what is no figure, says why, and takes the rest', async () => {
  const good = { timeUnixNano: NANOS, asDouble: 1 };
  const answer = await send({
    resourceMetrics: [
      ...request('churn', [gauge('kept', good), { name: 'times', histogram: { dataPoints: [{}] } }]).resourceMetrics,
      ...request('unknown', [gauge('lost', good, good)]).resourceMetrics,
    ],
  });
  expect(answer).toMatchObject({
    status: 200,
    body: { partialSuccess: { rejectedDataPoints: '3', errorMessage: 'times: only gauges and sums are figures' } },
  });
  const kept = await db.select().from(externalMetrics);
  expect(kept.map(({ metric }) => metric)).toContain('kept');
});

it.each([
  [{ timeUnixNano: 'soon', asDouble: 1 }, /timeUnixNano/],
  [{ timeUnixNano: '9223372036854775807', asDouble: 1, attributes: [] }, null],
  [{ timeUnixNano: '-1000000', asDouble: 1 }, /between 1970 and 9999/],
  [{ timeUnixNano: NANOS }, /asDouble or asInt is missing/],
  [{ timeUnixNano: NANOS, asDouble: 'NaN' }, /asDouble/],
  ['point', /data point/],
])('a point %j is judged alone', (point, why) => {
  const reading = readOtlp(otlpMetrics.parse(request('churn', [gauge('m', point)])));
  expect(reading.rejected).toBe(why ? 1 : 0);
  if (why) expect(reading.reason).toMatch(why);
});

it('refuses other encodings and shapes', async () => {
  expect(await send({}, { 'content-type': 'application/x-protobuf' })).toMatchObject({ status: 415 });
  expect(await send({ resourceMetrics: 1 })).toMatchObject({ status: 400, code: 'invalid_input' });
  expect(await send({})).toMatchObject({ status: 200, body: {} });
});
