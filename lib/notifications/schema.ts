import * as z from 'zod';
import { exact, line, prose } from '../base/text.ts';

/** In whose form a webhook is told: as the registry protocol's own server would (1.6), or by Standard Webhooks. */
export const PROTOCOLS = ['mlflow', 'standard'] as const;
export type Protocol = (typeof PROTOCOLS)[number];
export const WEBHOOK_STATUSES = ['ACTIVE', 'DISABLED'] as const;
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number];
export const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** Of the registry protocol's own tables, so that whatever is stored there can be stored here. */
export const WEBHOOK_LIMITS = { name: 63, url: 500, description: 1000, secret: 1000, events: 100 } as const;

export const WEBHOOK_NAME = /^(?=.{1,63}$)[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i;
const name = z
  .string()
  .regex(
    WEBHOOK_NAME,
    'must have 1 to 63 letters, digits, dots, underscores and hyphens, a letter or digit first and last',
  );
const url = exact(WEBHOOK_LIMITS.url);
const events = z
  .array(line(100))
  .min(1, 'must name at least one event')
  .max(WEBHOOK_LIMITS.events, `must have at most ${WEBHOOK_LIMITS.events} events`)
  .transform((names) => [...new Set(names)]);
const fields = {
  name,
  url,
  events,
  description: prose(WEBHOOK_LIMITS.description).nullish(),
  secret: exact(WEBHOOK_LIMITS.secret).optional(),
  status: z.enum(WEBHOOK_STATUSES),
};
const protocol = z.enum(PROTOCOLS);

export const createWebhookInput = z.strictObject({ ...fields, protocol, status: fields.status.default('ACTIVE') });
export const updateWebhookInput = z.strictObject({
  id: z.uuid(),
  /** The door it comes through: a webhook of the other protocol is not found there. */
  protocol: protocol.optional(),
  expectedVersion: z.int().optional(),
  changes: z.strictObject({ ...fields, rotateSecret: z.literal(true) }).partial(),
});
export const webhookInput = z.strictObject({ id: z.uuid(), protocol: protocol.optional() });
/** `version` and `failingSince` as they were when the attempt was made that is the reason. */
export const disableWebhookInput = z.strictObject({
  id: z.uuid(),
  reason: line(200),
  version: z.int(),
  failingSince: z.date().nullable(),
});
export const redeliverInput = z.strictObject({ id: z.uuid(), deliveryId: line(100) });

/** A webhook as everybody with the right may see it: whether it has a secret, never which. */
export type WebhookView = {
  id: string;
  protocol: Protocol;
  name: string;
  url: string;
  events: string[];
  description: string | null;
  status: WebhookStatus;
  disabledReason: string | null;
  signed: boolean;
  failingSince: string | null;
  createdBy: string;
  createdAt: string;
  updatedAt: string;
  etag: number;
};

export type DeliveryView = {
  id: string;
  event: string;
  state: DeliveryState;
  attempts: number;
  nextAttemptAt: string | null;
  responseStatus: number | null;
  responseBody: string | null;
  error: string | null;
  durationMs: number | null;
  createdAt: string;
  attemptedAt: string | null;
  finishedAt: string | null;
};
