import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { webhookDeliveries, webhooks } from '../../db/schema/webhooks.ts';
import { addMs, DAY_MS } from '../base/time.ts';
import { execute } from '../shell/command.ts';
import { readAllowed } from '../shell/outbound.ts';
import { type Person, signedIn, testWeb } from '../testing/web.ts';
import { createWebhook } from './commands/create-webhook.ts';
import { redeliver } from './commands/redeliver.ts';
import { updateWebhook } from './commands/update-webhook.ts';
import { attempt, claim } from './delivery.ts';
import { startDelivery } from './jobs.ts';
import { RETRY_WAITS_MS } from './rules.ts';

const { db } = await testWeb();
process.env.OUTBOUND_ALLOW = '127.0.0.1';
const sixDaysAgo = addMs(new Date(), -6 * DAY_MS);
/** What happens while the receiver has a message and has not answered yet, and what it answers then. */
let meanwhile: () => Promise<unknown> = async () => undefined;
let status = 200;
const server = createServer(async (request, response) => {
  request.resume();
  await meanwhile();
  response.writeHead(status).end();
});
let origin = '';
let data: Person;
beforeAll(async () => {
  data = await signedIn(db, 'data', ['data']);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(async () => {
  await db.delete(webhooks);
});
afterAll(() => void server.close());

let serial = 0;
/** A webhook with one delivery that is due. */
async function due(failingSince: Date | null, attempts = 0): Promise<{ id: string; deliveryId: string }> {
  const deliveryId = `msg_${++serial}`;
  const input = { protocol: 'mlflow', name: `hook-${serial}`, url: `${origin}/old`, events: ['prompt.created'] };
  const { id } = await execute(createWebhook, input, { db, actor: data });
  await db.update(webhooks).set({ failingSince }).where(eq(webhooks.id, id));
  const now = new Date();
  await db.insert(webhookDeliveries).values({
    ...{ id: deliveryId, webhookId: id, outboxId: serial, event: 'prompt.created', body: '{}', state: 'pending' },
    ...{ attempts, nextAttemptAt: now, createdAt: now },
  });
  return { id, deliveryId };
}
const webhook = async (id: string) => (await db.select().from(webhooks).where(eq(webhooks.id, id)))[0]!;
const delivery = async (id: string) =>
  (await db.select().from(webhookDeliveries).where(eq(webhookDeliveries.id, id)))[0]!;
const repair = (id: string) => () =>
  execute(updateWebhook, { id, changes: { url: `${origin}/new` } }, { db, actor: data });

/** Has the worker make the attempt, and everything that follows from it. */
async function attempted(deliveryId: string): Promise<void> {
  const worker = startDelivery(db);
  await expect.poll(async () => (await delivery(deliveryId)).attempts, { timeout: 10_000 }).toBe(1);
  await worker.stop();
}

describe('while a receiver makes up its answer', () => {
  it.each([
    ['gone, by its 410', 410, null],
    ['failing for days', 500, sixDaysAgo],
  ])('a webhook that is given another address is not taken to be %s', async (_, answer, failingSince) => {
    const { id, deliveryId } = await due(failingSince);
    [status, meanwhile] = [answer, repair(id)];
    await attempted(deliveryId);
    expect(await webhook(id)).toMatchObject({
      ...{ status: 'ACTIVE', disabledReason: null, failingSince: null },
      ...{ url: `${origin}/new`, version: 2 },
    });
  });

  it('a webhook that something else was delivered to is not taken to be failing for days', async () => {
    const { id, deliveryId } = await due(sixDaysAgo);
    status = 500;
    meanwhile = () => db.update(webhooks).set({ failingSince: null }).where(eq(webhooks.id, id));
    await attempted(deliveryId);
    const after = await webhook(id);
    expect(after).toMatchObject({ status: 'ACTIVE', version: 1 });
    expect(after.failingSince!.getTime()).toBeGreaterThan(sixDaysAgo.getTime());
  });

  it('a success at the old address does not end the failing of the new one', async () => {
    const { id, deliveryId } = await due(sixDaysAgo);
    const failing = new Date();
    status = 200;
    meanwhile = async () => {
      await repair(id)();
      await db.update(webhooks).set({ failingSince: failing }).where(eq(webhooks.id, id));
    };
    await attempted(deliveryId);
    expect((await webhook(id)).failingSince).toEqual(failing);
  });

  it('a delivery that is asked for again in its last attempt keeps the schedule it was given', async () => {
    const { id, deliveryId } = await due(null, RETRY_WAITS_MS.mlflow.length);
    status = 500;
    meanwhile = () => execute(redeliver, { id, deliveryId }, { db, actor: data });
    const [claimed] = await claim(db, [], new Date());
    await attempt(db, claimed!, readAllowed('127.0.0.1'));
    expect(await delivery(deliveryId)).toMatchObject({ state: 'pending', attempts: 0, finishedAt: null });
    [status, meanwhile] = [200, async () => undefined];
    const [again] = await claim(db, [], new Date());
    await attempt(db, again!, readAllowed('127.0.0.1'));
    expect(await delivery(deliveryId)).toMatchObject({ state: 'delivered', attempts: 1 });
  });
});
