import { expect, test } from 'vitest';
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS } from '../base/time.ts';
import { REGISTRY_EVENTS } from '../models/rules/registry-events.ts';
import { bodyOf, checkEvents, EXAMPLES, judgeAttempt, RETRY_WAITS_MS } from './rules.ts';
import { PROTOCOLS, type Protocol } from './schema.ts';
import { mlflowHeaders, newStandardSecret, standardHeaders, standardKey } from './signature.ts';

const now = new Date('2026-03-01T12:00:00Z');
const judge = (
  status: number | null,
  attempts = 1,
  more: { failingSince?: Date; retryAfterMs?: number; chance?: number; protocol?: Protocol } = {},
) =>
  judgeAttempt(
    { status, retryAfterMs: more.retryAfterMs ?? null },
    { attempts, failingSince: more.failingSince ?? null, protocol: more.protocol ?? 'standard' },
    now,
    more.chance ?? 0.5,
  );

test('only an answer of 200 to 299 is a delivery', () => {
  for (const status of [200, 202, 204]) expect(judge(status)).toEqual({ state: 'delivered' });
  for (const status of [null, 301, 302, 400, 404, 429, 500, 503]) expect(judge(status).state).toBe('pending');
});

test.each(PROTOCOLS)('the waits of %s grow, each up to a fifth off, and then it is given up', (protocol) => {
  const expected = RETRY_WAITS_MS[protocol];
  const waits = (chance: number) =>
    expected.map((_, n) => {
      const verdict = judge(500, n + 1, { chance, protocol });
      return verdict.state === 'pending' ? verdict.nextAttemptAt.getTime() - now.getTime() : 0;
    });
  expect(waits(0.5)).toEqual(expected.toSorted((a, b) => a - b));
  expect([waits(0)[0], waits(1)[0]]).toEqual([4000, 6000]);
  expect(judge(500, expected.length + 1, { protocol })).toEqual({ state: 'failed', disable: null });
});

test('ten attempts are made over three days, and the third within ten seconds where receivers know it so', () => {
  expect(RETRY_WAITS_MS.standard.map((ms) => ms / MINUTE_MS)).toEqual([1 / 12, 5, 30, 120, 300, 600, 840, 1200, 1440]);
  expect(RETRY_WAITS_MS.mlflow[0]! + RETRY_WAITS_MS.mlflow[1]!).toBe(10_000);
});

test('a receiver that asks for more time gets it, a day at most', () => {
  expect(judge(503, 1, { retryAfterMs: HOUR_MS })).toMatchObject({ nextAttemptAt: addMs(now, HOUR_MS) });
  expect(judge(429, 1, { retryAfterMs: 400 * DAY_MS })).toMatchObject({ nextAttemptAt: addMs(now, DAY_MS) });
});

test('410 disables at once, and five days without a success do', () => {
  expect(judge(410)).toMatchObject({ state: 'failed', disable: { reason: expect.stringContaining('410') } });
  expect(judge(500, 3, { failingSince: addMs(now, -6 * DAY_MS) })).toMatchObject({
    disable: { reason: expect.stringContaining('five days') },
  });
  expect(judge(500, 3, { failingSince: addMs(now, -4 * DAY_MS) })).toMatchObject({ disable: null });
});

test('a signature is the one Standard Webhooks publishes as its example', () => {
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: new Date(1_614_265_330_000), body: '{"test": 2432232314}' };
  expect(standardHeaders(message, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])).toEqual({
    'webhook-id': message.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('the registry protocol keys with the secret as it is written', () => {
  const message = { id: 'id', at: new Date(1_700_000_000_500), body: '{}' };
  // hmac.new(b"geheim", b"id.1700000000.{}", sha256) in Python.
  expect(mlflowHeaders(message, 'geheim')).toEqual({
    'X-MLflow-Delivery-Id': 'id',
    'X-MLflow-Timestamp': '1700000000',
    'X-MLflow-Signature': 'v1,8155hwnNPHsE/KoaRoC0wIv72JdSOe4Um6M2DFaj4cQ=',
  });
  expect(mlflowHeaders(message, undefined)).not.toHaveProperty('X-MLflow-Signature');
});

test('a made secret is a key of 32 bytes, and what is none is not taken for one', () => {
  expect(standardKey(newStandardSecret())).toHaveLength(32);
  for (const secret of ['geheim', 'whsec_', 'whsec_AAAA', 'whsec_not base64!'])
    expect(standardKey(secret)).toBeUndefined();
});

test('each protocol knows its own events', () => {
  expect(checkEvents('mlflow', REGISTRY_EVENTS).ok).toBe(true);
  expect(checkEvents('mlflow', ['approvals.decide']).ok).toBe(false);
  expect(checkEvents('standard', ['approvals.decide', 'model_version.created']).ok).toBe(true);
  for (const name of ['access.sign-in', 'notifications.create-webhook', '*', '__proto__'])
    expect(checkEvents('standard', [name]).ok).toBe(false);
});

test('every event has its example, in the form of its protocol', () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual([...REGISTRY_EVENTS].sort());
  const data = EXAMPLES['prompt_version.created'];
  expect(JSON.parse(bodyOf('mlflow', { name: 'prompt_version.created', at: now, data }))).toEqual({
    entity: 'prompt_version',
    action: 'created',
    timestamp: now.toISOString(),
    data: {
      name: 'example_prompt',
      version: '1',
      template: 'Hello {{name}}!',
      tags: { example_key: 'example_value' },
      description: 'An example prompt version',
    },
  });
  expect(JSON.parse(bodyOf('standard', { name: 'kpis.create', at: now, data: {} }))).toEqual({
    type: 'kpis.create',
    timestamp: now.toISOString(),
    data: {},
  });
});
