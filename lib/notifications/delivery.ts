import { and, eq, lt, ne, sql } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { webhookDeliveries, webhooks } from '../../db/schema/webhooks.ts';
import { addMs, DAY_MS, MINUTE_MS, SECOND_MS } from '../base/time.ts';
import { type Allowed, OutboundError, post } from '../shell/outbound.ts';
import { type DeliveryRow, openSecrets, type WebhookRow } from './queries.ts';
import { type Attempt, bodyOf, type Disabling, EXAMPLES, judgeAttempt, ownData, type Verdict } from './rules.ts';
import type { Protocol } from './schema.ts';
import { mlflowHeaders, standardHeaders } from './signature.ts';

/** One slow receiver keeps no more than two of our connections. */
const PER_WEBHOOK = 2;
const BATCH = 50;
/** Longer than a call can last: what a killed worker was sending is due again after it. */
const LEASE_MS = MINUTE_MS;
/** What is kept of an answer, in characters. */
const KEPT_ANSWER = 1000;
const KEPT_MS = 30 * DAY_MS;

/** Takes what is due, at most two of a webhook, none of those in `busy`. Another worker gets the others. */
export async function claim(db: Db, busy: readonly string[], now: Date): Promise<DeliveryRow[]> {
  const free = busy.length > 0 ? sql`and w.id not in ${busy}` : sql``;
  const due = sql`select d.id from webhooks w cross join lateral (
      select id from webhook_deliveries where webhook_id = w.id and state = 'pending' and next_attempt_at <= ${now.toISOString()}
      order by next_attempt_at limit ${PER_WEBHOOK} for update skip locked) d
    where w.status = 'ACTIVE' ${free} limit ${BATCH}`;
  return db
    .update(webhookDeliveries)
    .set({ nextAttemptAt: addMs(now, LEASE_MS) })
    .where(sql`${webhookDeliveries.id} in (${due})`)
    .returning();
}

type Sent = Attempt & { body: string | null; error: string | null; durationMs: number };

/** One attempt: never throws for what the receiver does. */
export async function send(
  webhook: WebhookRow,
  { id, body }: { id: string; body: string },
  allowed: Allowed,
): Promise<Sent> {
  const at = new Date();
  const secrets = openSecrets(webhook, at);
  if (!secrets)
    return failed('The secret cannot be opened: AUTH_SECRET is another one than when it was set. Set it again.', at);
  const message = { id, at, body };
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Plumbline-Webhooks/1',
    ...standardHeaders(message, secrets),
    ...(webhook.protocol === 'mlflow' ? mlflowHeaders(message, secrets[0]) : {}),
  };
  try {
    const answer = await post({ url: webhook.url, headers, body, allowed });
    return {
      status: answer.status,
      retryAfterMs: retryAfter(answer.headers['retry-after'], at),
      body: answer.body.slice(0, KEPT_ANSWER).replaceAll('\u0000', '\uFFFD').toWellFormed(),
      error: null,
      durationMs: Date.now() - at.getTime(),
    };
  } catch (error) {
    if (error instanceof OutboundError) return failed(error.message, at);
    throw error;
  }
}

const failed = (error: string, since: Date): Sent => ({
  status: null,
  retryAfterMs: null,
  body: null,
  error,
  durationMs: Date.now() - since.getTime(),
});

/** Seconds, or an HTTP date. */
function retryAfter(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  const ms = /^\d{1,7}$/.test(header) ? Number(header) * SECOND_MS : Date.parse(header) - now.getTime();
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}

/**
 * Sends one claimed delivery and keeps what came of it. What was changed while the receiver thought it over stays as it was changed: a webhook
 * with another address, say, and a delivery that somebody asked for again. Answers why the webhook of that version has to be disabled, or null.
 */
export async function attempt(
  db: Db,
  delivery: DeliveryRow,
  allowed: Allowed,
): Promise<(Disabling & { version: number }) | null> {
  const [webhook] = await db.select().from(webhooks).where(eq(webhooks.id, delivery.webhookId));
  if (!webhook) return null;
  const sent = await send(webhook, delivery, allowed);
  const now = new Date();
  const attempts = delivery.attempts + 1;
  const protocol = webhook.protocol as Protocol;
  const verdict = judgeAttempt(sent, { attempts, failingSince: webhook.failingSince, protocol }, now, Math.random());
  const same = and(eq(webhooks.id, webhook.id), eq(webhooks.version, webhook.version));
  const leased = and(
    eq(webhookDeliveries.id, delivery.id),
    eq(webhookDeliveries.state, 'pending'),
    eq(webhookDeliveries.nextAttemptAt, delivery.nextAttemptAt),
  );
  await db.transaction(async (tx) => {
    const failingSince =
      verdict.state === 'delivered' ? null : sql`coalesce(${webhooks.failingSince}, ${now.toISOString()})`;
    // A webhook that has always worked needs no write. Before its delivery, as commands lock them.
    if (verdict.state !== 'delivered' || webhook.failingSince !== null)
      await tx.update(webhooks).set({ failingSince }).where(same);
    await tx
      .update(webhookDeliveries)
      .set(outcome(sent, verdict, attempts, now))
      .where(leased);
  });
  if (verdict.state === 'delivered' || !verdict.disable) return null;
  return { ...verdict.disable, version: webhook.version };
}

const outcome = (sent: Sent, verdict: Verdict, attempts: number, now: Date) => ({
  state: verdict.state,
  attempts,
  attemptedAt: now,
  responseStatus: sent.status,
  responseBody: sent.body,
  error: sent.error,
  durationMs: sent.durationMs,
  ...(verdict.state === 'pending' ? { nextAttemptAt: verdict.nextAttemptAt } : { finishedAt: now }),
});

/** Finished deliveries are forgotten after a month; what is pending stays. */
export async function forgetOld(db: Db, now: Date): Promise<void> {
  await db
    .delete(webhookDeliveries)
    .where(and(ne(webhookDeliveries.state, 'pending'), lt(webhookDeliveries.finishedAt, addMs(now, -KEPT_MS))));
}

export type TestResult = {
  success: boolean;
  responseStatus: number | null;
  responseBody: string | null;
  errorMessage: string | null;
};

/** One example message, sent at once and not repeated. Without `event`, of the first that the webhook is told of. */
export async function sendTest(
  webhook: WebhookRow,
  id: string,
  event: string | undefined,
  allowed: Allowed,
): Promise<TestResult> {
  const name = event ?? webhook.events[0]!;
  const examples: Readonly<Record<string, Record<string, unknown>>> = EXAMPLES;
  const data = examples[name] ?? ownData({ type: 'example', id: 'example' }, 'example_model');
  const body = bodyOf(webhook.protocol as Protocol, { name, at: new Date(), data });
  const { status, body: answer, error } = await send(webhook, { id, body }, allowed);
  const success = status !== null && status >= 200 && status < 300;
  return { success, responseStatus: status, responseBody: answer, errorMessage: error };
}
