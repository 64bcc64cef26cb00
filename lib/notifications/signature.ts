import { createHmac, randomBytes } from 'node:crypto';
import { SECOND_MS } from '../base/time.ts';

const PREFIX = 'whsec_';
const SECRET_BYTES = { made: 32, least: 24, most: 64 } as const;

/** `whsec_` and 32 random bytes as base64 (Standard Webhooks). */
export const newStandardSecret = (): string => PREFIX + randomBytes(SECRET_BYTES.made).toString('base64');

/** The key in a Standard Webhooks secret; undefined when it is none, or has not 24 to 64 bytes. */
export function standardKey(secret: string): Buffer | undefined {
  if (!secret.startsWith(PREFIX) || !/^[A-Za-z0-9+/]+={0,2}$/.test(secret.slice(PREFIX.length))) return undefined;
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  return key.length >= SECRET_BYTES.least && key.length <= SECRET_BYTES.most ? key : undefined;
}

type Message = { id: string; at: Date; body: string };

const secondsOf = (at: Date): string => String(Math.floor(at.getTime() / SECOND_MS));
const sign = (key: string | Buffer, { id, at, body }: Message): string =>
  `v1,${createHmac('sha256', key)
    .update(`${id}.${secondsOf(at)}.${body}`)
    .digest('base64')}`;

/** Standard Webhooks: the id stays over all attempts, the moment is the attempt's; a signature for each live secret. */
export function standardHeaders(message: Message, secrets: readonly string[]): Record<string, string> {
  const signatures = secrets.flatMap((secret) => {
    const key = standardKey(secret);
    return key ? [sign(key, message)] : [];
  });
  return {
    'webhook-id': message.id,
    'webhook-timestamp': secondsOf(message.at),
    ...(signatures.length > 0 ? { 'webhook-signature': signatures.join(' ') } : {}),
  };
}

/** The registry protocol's form (1.6): the same text, keyed with the secret's own UTF-8 bytes. */
export const mlflowHeaders = (message: Message, secret: string | undefined): Record<string, string> => ({
  'X-MLflow-Delivery-Id': message.id,
  'X-MLflow-Timestamp': secondsOf(message.at),
  ...(secret ? { 'X-MLflow-Signature': sign(secret, message) } : {}),
});
