import type { Db } from '../../db/client.ts';
import { newId } from '../base/ids.ts';
import { badParameter, oneOf, type RequestContext, uuid } from '../shell/http.ts';
import { allowedFromEnvironment } from '../shell/outbound.ts';
import { testWebhook } from './commands/test-webhook.ts';
import { sendTest, type TestResult } from './delivery.ts';
import { getWebhookRow, listDeliveries, listWebhooks } from './queries.ts';
import { checkEvents } from './rules.ts';
import { DELIVERY_STATES, type DeliveryView, type WebhookView } from './schema.ts';

const LIMIT_MAX = 500;

/** `limit`, 1 to 500, 100 when absent. */
function limitOf(query: URLSearchParams): number {
  const text = query.get('limit') ?? '100';
  if (!/^\d{1,4}$/.test(text) || Number(text) < 1 || Number(text) > LIMIT_MAX)
    throw badParameter('limit', `must be 1 to ${LIMIT_MAX}`);
  return Number(text);
}

/** One page of webhooks of either protocol, oldest first. */
export async function readWebhooks(
  db: Db,
  query: URLSearchParams,
): Promise<{ items: WebhookView[]; nextCursor: string | null }> {
  const limit = limitOf(query);
  const cursor = query.get('cursor') ?? '0';
  if (!/^\d{1,9}$/.test(cursor)) throw badParameter('cursor', 'must be a cursor this list gave');
  const offset = Number(cursor);
  const rows = await listWebhooks(db, { limit: limit + 1, offset });
  return { items: rows.slice(0, limit), nextCursor: rows.length > limit ? String(offset + limit) : null };
}

/** One page of a webhook's deliveries, newest first, `state` narrowing it. */
export async function readDeliveries(
  db: Db,
  id: string | undefined,
  query: URLSearchParams,
): Promise<{ items: DeliveryView[]; nextCursor: string | null }> {
  const limit = limitOf(query);
  const state = oneOf('state', DELIVERY_STATES, query.get('state'));
  const before = query.get('cursor') ?? undefined;
  if (before !== undefined && !/^msg_[0-9a-f]{1,64}$/.test(before))
    throw badParameter('cursor', 'must be a cursor this list gave');
  const webhook = await getWebhookRow(db, uuid('webhook', id));
  const rows = await listDeliveries(db, webhook.id, { state, before, limit: limit + 1 });
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? items.at(-1)!.id : null };
}

/** Sends a test message and answers what the receiver said; `event` chooses the example. */
export async function runTest({ db, run, json, params }: RequestContext): Promise<TestResult> {
  const { event } = await json();
  if (event !== undefined && (typeof event !== 'string' || !checkEvents('standard', [event]).ok))
    throw badParameter('event', 'must be a known event');
  const { id } = await run(testWebhook, { id: uuid('webhook', params.id) });
  return sendTest(await getWebhookRow(db, id), newId(), event, allowedFromEnvironment());
}
