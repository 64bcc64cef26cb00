import { and, asc, desc, eq, lt, or, type SQL } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { webhookDeliveries, webhooks } from '../../db/schema/webhooks.ts';
import { AppError } from '../shell/errors.ts';
import { unseal } from '../shell/seal.ts';
import type { DeliveryState, DeliveryView, Protocol, WebhookStatus, WebhookView } from './schema.ts';

export type WebhookRow = typeof webhooks.$inferSelect;
export type DeliveryRow = typeof webhookDeliveries.$inferSelect;

export const webhookNotFound = (id: string): AppError =>
  new AppError('not_found', 'webhook_not_found', `Webhook with ID ${id} not found.`);

const isOne = (id: string, protocol: Protocol | undefined): SQL | undefined =>
  and(eq(webhooks.id, id), protocol && eq(webhooks.protocol, protocol));

/** The webhook, with its sealed secrets: for delivery and commands alone. */
export async function getWebhookRow(db: Db, id: string, protocol?: Protocol): Promise<WebhookRow> {
  const [row] = await db.select().from(webhooks).where(isOne(id, protocol));
  if (!row) throw webhookNotFound(id);
  return row;
}

export async function lockWebhook(tx: Db, id: string, protocol?: Protocol): Promise<WebhookRow> {
  const [row] = await tx.select().from(webhooks).where(isOne(id, protocol)).for('update');
  if (!row) throw webhookNotFound(id);
  return row;
}

/** Oldest first. `limit` and `offset` count webhooks. */
export async function listWebhooks(
  db: Db,
  { protocol, limit, offset }: { protocol?: Protocol; limit: number; offset: number },
): Promise<WebhookView[]> {
  const rows = await db
    .select()
    .from(webhooks)
    .where(protocol && eq(webhooks.protocol, protocol))
    .orderBy(asc(webhooks.createdAt), asc(webhooks.id))
    .limit(limit)
    .offset(offset);
  return rows.map(viewWebhook);
}

export const viewWebhook = (row: WebhookRow): WebhookView => ({
  id: row.id,
  protocol: row.protocol as Protocol,
  name: row.name,
  url: row.url,
  events: row.events,
  description: row.description,
  status: row.status as WebhookStatus,
  disabledReason: row.disabledReason,
  signed: row.secret !== null,
  failingSince: row.failingSince?.toISOString() ?? null,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
  etag: row.version,
});

export const SECRET_PLACE = (id: string) => ({ table: 'webhooks', id, column: 'secret' });

/** The secrets that sign now, the present one first; undefined when one cannot be opened any more. */
export function openSecrets(row: WebhookRow, now: Date): string[] | undefined {
  const previous = row.previousSecretUntil && row.previousSecretUntil > now ? row.previousSecret : null;
  const opened = [row.secret, previous].flatMap((sealed) =>
    sealed === null ? [] : [unseal(sealed, SECRET_PLACE(row.id))],
  );
  return opened.includes(undefined) ? undefined : opened.filter((secret) => secret !== undefined);
}

/** A webhook's deliveries, newest first, from behind the one that `before` names. */
export async function listDeliveries(
  db: Db,
  webhookId: string,
  { state, before, limit }: { state?: DeliveryState | undefined; before?: string | undefined; limit: number },
): Promise<DeliveryView[]> {
  const of = eq(webhookDeliveries.webhookId, webhookId);
  const [last] = before
    ? await db
        .select()
        .from(webhookDeliveries)
        .where(and(of, eq(webhookDeliveries.id, before)))
    : [];
  const older =
    last &&
    or(
      lt(webhookDeliveries.createdAt, last.createdAt),
      and(eq(webhookDeliveries.createdAt, last.createdAt), lt(webhookDeliveries.id, last.id)),
    );
  const rows = await db
    .select()
    .from(webhookDeliveries)
    .where(and(of, older, state && eq(webhookDeliveries.state, state)))
    .orderBy(desc(webhookDeliveries.createdAt), desc(webhookDeliveries.id))
    .limit(limit);
  return rows.map(viewDelivery);
}

export const viewDelivery = (row: DeliveryRow): DeliveryView => ({
  id: row.id,
  event: row.event,
  state: row.state as DeliveryState,
  attempts: row.attempts,
  nextAttemptAt: row.state === 'pending' ? row.nextAttemptAt.toISOString() : null,
  responseStatus: row.responseStatus,
  responseBody: row.responseBody,
  error: row.error,
  durationMs: row.durationMs,
  createdAt: row.createdAt.toISOString(),
  attemptedAt: row.attemptedAt?.toISOString() ?? null,
  finishedAt: row.finishedAt?.toISOString() ?? null,
});
