import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { getDatabase } from '../../db/client.ts';
import { webhookDeliveries, webhooks } from '../../db/schema/webhooks.ts';
import { addMs, DAY_MS } from '../base/time.ts';
import { registerModel } from '../models/commands/register.ts';
import { registerVersion } from '../models/commands/register-version.ts';
import { setAlias } from '../models/commands/set-alias.ts';
import { setTag } from '../models/commands/set-tag.ts';
import { execute } from '../shell/command.ts';
import { readAllowed } from '../shell/outbound.ts';
import { type Person, signedIn, testWeb } from '../testing/web.ts';
import { startPump } from '../worker/pump.ts';
import { createWebhook } from './commands/create-webhook.ts';
import { redeliver } from './commands/redeliver.ts';
import { updateWebhook } from './commands/update-webhook.ts';
import { attempt, claim, forgetOld } from './delivery.ts';
import { startDelivery } from './jobs.ts';
import type { DeliveryRow } from './queries.ts';
import { mlflowHeaders, standardHeaders } from './signature.ts';

const { db } = await testWeb();
const allowed = readAllowed('127.0.0.1');
process.env.OUTBOUND_ALLOW = '127.0.0.1';

type Received = { path: string; headers: IncomingHttpHeaders; body: string };
const received: Received[] = [];
/** What the receiver answers by path, and what it answers otherwise. */
const answers = new Map<string, { status: number; headers?: Record<string, string>; afterMs?: number }>();
let server: Server;
let data: Person;
let origin = '';
beforeAll(async () => {
  data = await signedIn(db, 'data', ['data']);
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const path = request.url ?? '';
      received.push({ path, headers: request.headers, body });
      const { status, headers, afterMs } = answers.get(path) ?? { status: 200 };
      setTimeout(() => response.writeHead(status, headers).end('said the receiver'), afterMs ?? 0);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(async () => {
  await db.delete(webhooks);
});
afterAll(() => void server.close());

let serial = 0;
/** A webhook with a path of its own at the receiver, told of `events`. */
async function hook(events: string[], more: object = {}) {
  serial += 1;
  const path = `/${serial}`;
  const made = await execute(
    createWebhook,
    { protocol: 'mlflow', name: `hook-${serial}`, url: origin + path, events, ...more },
    { db, actor: data },
  );
  return { ...made, path };
}

async function pumped<T>(work: () => Promise<T>): Promise<T> {
  const value = await work();
  const pump = startPump(getDatabase().sql, async () => {});
  for (;;) {
    const [row] = await db.execute<{ n: number }>(sql`select count(*)::int as n from outbox where position is null`);
    if (row?.n === 0) break;
    await new Promise((done) => setTimeout(done, 20));
  }
  await pump.stop();
  return value;
}

const deliveries = (id: string): Promise<DeliveryRow[]> =>
  db
    .select()
    .from(webhookDeliveries)
    .where(eq(webhookDeliveries.webhookId, id))
    .orderBy(webhookDeliveries.createdAt, webhookDeliveries.event);
const of = (path: string) => received.filter((one) => one.path === path);
async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 15_000; Date.now() < end; await new Promise((next) => setTimeout(next, 20)))
    if (await done()) return;
  throw new Error('it did not come to pass');
}
const run = <I, V>(command: Parameters<typeof execute<I, V>>[0], input: object) =>
  execute(command, input, { db, actor: data });
const name = () => `model ${randomBytes(6).toString('hex')}`;

test('each webhook is told, signed, of the events it asked for and of no others', async () => {
  const [all, own, deaf] = [
    await hook(['registered_model.created', 'model_version.created', 'model_version_alias.created'], {
      secret: 'geheim',
    }),
    await hook(['models.set-alias', 'model_version_alias.created'], { protocol: 'standard' }),
    await hook(['prompt.created']),
  ];
  const model = name();
  await pumped(async () => {
    await run(registerModel, { name: model, tags: { team: 'risk' } });
    await run(registerVersion, { name: model, source: 's3://b/1' });
    await run(setTag, { name: model, key: 'k', value: 'v' });
    await run(setAlias, { name: model, alias: 'best', version: 1 });
  });
  const worker = startDelivery(db);
  await until(() => of(all.path).length === 3 && of(own.path).length === 2);
  await worker.stop();
  expect(of(deaf.path)).toEqual([]);
  const told = of(all.path).map(({ body }) => JSON.parse(body) as { entity: string; action: string; data: object });
  expect(told.find(({ entity }) => entity === 'registered_model')).toMatchObject({
    action: 'created',
    data: { name: model, tags: { team: 'risk' }, description: '' },
  });
  expect(told.find(({ entity }) => entity === 'model_version')?.data).toEqual({
    name: model,
    version: '1',
    source: 's3://b/1',
    run_id: null,
    tags: {},
    description: null,
  });
  for (const { headers, body } of of(all.path)) {
    const at = new Date(Number(headers['x-mlflow-timestamp']) * 1000);
    const due = mlflowHeaders({ id: String(headers['x-mlflow-delivery-id']), at, body }, 'geheim');
    expect(headers['x-mlflow-signature']).toBe(due['X-MLflow-Signature']);
  }
  for (const { headers, body } of of(own.path)) {
    const at = new Date(Number(headers['webhook-timestamp']) * 1000);
    const due = standardHeaders({ id: String(headers['webhook-id']), at, body }, [own.secret!]);
    expect(headers['webhook-signature']).toBe(due['webhook-signature']);
    expect(headers['x-mlflow-signature']).toBeUndefined();
  }
  const [alias] = of(own.path)
    .map(({ body }) => JSON.parse(body))
    .filter((body) => body.type === 'models.set-alias');
  expect(alias).toMatchObject({ data: { model, subject: { type: 'alias' } } });
  expect(
    (await deliveries(all.id)).map(({ state, attempts, responseBody }) => [state, attempts, responseBody]),
  ).toEqual(Array.from({ length: 3 }, () => ['delivered', 1, 'said the receiver']));
});

test('a worker that died while sending loses nothing: the same message goes out again after the lease', async () => {
  const made = await hook(['registered_model.created']);
  await pumped(() => run(registerModel, { name: name() }));
  const now = new Date();
  // Claimed, and then the worker is gone.
  expect(await claim(db, [], now)).toHaveLength(1);
  expect(await claim(db, [], now)).toEqual([]);
  const [again] = await claim(db, [], addMs(now, 61_000));
  await attempt(db, again!, allowed);
  expect(of(made.path).map(({ headers }) => headers['x-mlflow-delivery-id'])).toEqual([again!.id]);
});

test('a failure waits for its next attempt under the same id, and success ends the failing', async () => {
  const made = await hook(['registered_model.created']);
  answers.set(made.path, { status: 503, headers: { 'retry-after': '3600' } });
  await pumped(() => run(registerModel, { name: name() }));
  const [claimed] = await claim(db, [], new Date());
  await attempt(db, claimed!, allowed);
  const [waiting] = await deliveries(made.id);
  expect(waiting).toMatchObject({ state: 'pending', attempts: 1, responseStatus: 503 });
  expect(waiting!.nextAttemptAt.getTime()).toBeGreaterThan(Date.now() + 3_500_000);
  const [failing] = await db.select().from(webhooks).where(eq(webhooks.id, made.id));
  expect(failing!.failingSince).not.toBeNull();
  answers.delete(made.path);
  await attempt(db, waiting!, allowed);
  expect((await deliveries(made.id))[0]).toMatchObject({ state: 'delivered', attempts: 2 });
  expect(new Set(of(made.path).map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  const [healed] = await db.select().from(webhooks).where(eq(webhooks.id, made.id));
  expect(healed!.failingSince).toBeNull();
});

test('410 and days of failure disable a webhook; what is pending goes out once it is enabled again', async () => {
  const [gone, old] = [await hook(['registered_model.created']), await hook(['registered_model.created'])];
  answers.set(gone.path, { status: 410 });
  answers.set(old.path, { status: 500 });
  await db
    .update(webhooks)
    .set({ failingSince: addMs(new Date(), -6 * DAY_MS) })
    .where(eq(webhooks.id, old.id));
  await pumped(() => run(registerModel, { name: name() }));
  const worker = startDelivery(db);
  const status = async (id: string) => (await db.select().from(webhooks).where(eq(webhooks.id, id)))[0]!;
  await until(
    async () => (await status(gone.id)).status === 'DISABLED' && (await status(old.id)).status === 'DISABLED',
  );
  expect((await status(gone.id)).disabledReason).toContain('410');
  expect((await deliveries(old.id))[0]!.state).toBe('pending');
  answers.delete(old.path);
  await db.update(webhookDeliveries).set({ nextAttemptAt: new Date() }).where(eq(webhookDeliveries.webhookId, old.id));
  await run(updateWebhook, { id: old.id, changes: { status: 'ACTIVE' } });
  await until(async () => (await deliveries(old.id))[0]!.state === 'delivered');
  await worker.stop();
});

test('a slow receiver holds up nobody else', async () => {
  const [slow, quick] = [await hook(['registered_model.created']), await hook(['registered_model.created'])];
  answers.set(slow.path, { status: 200, afterMs: 1500 });
  await pumped(async () => {
    for (let n = 0; n < 6; n += 1) await run(registerModel, { name: name() });
  });
  const worker = startDelivery(db);
  await until(() => of(quick.path).length === 6);
  expect(of(slow.path).length).toBeLessThanOrEqual(2);
  await worker.stop();
});

test('a redelivery is sent at once, under the same id, and noted in the trail', async () => {
  const made = await hook(['registered_model.created']);
  await pumped(() => run(registerModel, { name: name() }));
  const [claimed] = (await claim(db, [], new Date())).filter(({ webhookId }) => webhookId === made.id);
  await attempt(db, claimed!, allowed);
  await run(redeliver, { id: made.id, deliveryId: claimed!.id });
  const [again] = (await claim(db, [], new Date())).filter(({ webhookId }) => webhookId === made.id);
  await attempt(db, again!, allowed);
  expect(of(made.path).map(({ headers }) => headers['webhook-id'])).toEqual([claimed!.id, claimed!.id]);
  await expect(run(redeliver, { id: made.id, deliveryId: 'msg_0' })).rejects.toMatchObject({ kind: 'not_found' });
});

test('a new address never inherits the secret; a rotated one signs beside the old for a day', async () => {
  const made = await hook(['registered_model.created'], { protocol: 'standard' });
  const rotated = await run(updateWebhook, { id: made.id, changes: { rotateSecret: true } });
  await pumped(() => run(registerModel, { name: name() }));
  const [claimed] = (await claim(db, [], new Date())).filter(({ webhookId }) => webhookId === made.id);
  await attempt(db, claimed!, allowed);
  const [{ headers, body }] = of(made.path) as [Received];
  const at = new Date(Number(headers['webhook-timestamp']) * 1000);
  const due = standardHeaders({ id: claimed!.id, at, body }, [rotated.secret!, made.secret!]);
  expect(headers['webhook-signature']).toBe(due['webhook-signature']);
  expect(String(headers['webhook-signature']).split(' ')).toHaveLength(2);

  const plain = await hook(['registered_model.created'], { secret: 'geheim' });
  expect((await run(updateWebhook, { id: plain.id, changes: { name: 'same' } })).signed).toBe(true);
  expect((await run(updateWebhook, { id: plain.id, changes: { url: `${origin}/elsewhere` } })).signed).toBe(false);
});

test('a secret of another AUTH_SECRET is a failure with its reason, not a message without signature', async () => {
  const made = await hook(['registered_model.created'], { secret: 'geheim' });
  await pumped(() => run(registerModel, { name: name() }));
  const [claimed] = (await claim(db, [], new Date())).filter(({ webhookId }) => webhookId === made.id);
  const held = process.env.AUTH_SECRET;
  process.env.AUTH_SECRET = 'another secret that nobody sealed with';
  await attempt(db, claimed!, allowed);
  process.env.AUTH_SECRET = held;
  expect(of(made.path)).toEqual([]);
  expect((await deliveries(made.id))[0]!.error).toContain('AUTH_SECRET');
});

test('the secret is nowhere in the trail, the outbox or the row; the address is not in the trail', async () => {
  await hook(['registered_model.created'], { secret: 'CANARY-secret', url: `${origin}/CANARY-path` });
  const tables = ['audit_events', 'outbox', 'webhook_deliveries'];
  for (const table of tables) {
    const [row] = await db.execute<{ n: number }>(
      sql`select count(*)::int as n from ${sql.identifier(table)} t where t::text like '%CANARY%'`,
    );
    expect([table, row?.n]).toEqual([table, 0]);
  }
  const [row] = await db.execute<{ n: number }>(
    sql`select count(*)::int as n from webhooks w where w::text like '%CANARY-secret%'`,
  );
  expect(row?.n).toBe(0);
});

test('finished deliveries are forgotten after a month', async () => {
  const made = await hook(['registered_model.created']);
  const row = { webhookId: made.id, event: 'x', body: '{}', nextAttemptAt: new Date(), createdAt: new Date() };
  const monthAgo = addMs(new Date(), -31 * DAY_MS);
  await db.insert(webhookDeliveries).values([
    { ...row, id: 'msg_a', outboxId: 1, state: 'delivered', finishedAt: monthAgo },
    { ...row, id: 'msg_b', outboxId: 2, state: 'failed', finishedAt: new Date() },
    { ...row, id: 'msg_c', outboxId: 3, state: 'pending' },
  ]);
  await forgetOld(db, new Date());
  expect((await deliveries(made.id)).map(({ id }) => id).sort()).toEqual(['msg_b', 'msg_c']);
});
