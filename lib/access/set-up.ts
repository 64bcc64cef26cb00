import { createHmac, timingSafeEqual } from 'node:crypto';

/** How long a printed set-up link can be used; the next start prints a new one. */
export const SET_UP_MINUTES = 30;

const sign = (secret: string, until: string): Buffer =>
  createHmac('sha256', secret).update(`plumbline set-up until ${until}`).digest();

/**
 * The token of the link that makes the first administrator: a time and its HMAC-SHA-256, so that every replica knows it
 * and none has to keep it. It opens nothing once anybody has an account.
 */
export function setUpToken(secret: string, now: Date): string {
  const until = String(now.getTime() + SET_UP_MINUTES * 60_000);
  return `${until}.${sign(secret, until).toString('base64url')}`;
}

export function isSetUpToken(secret: string, token: string, now: Date): boolean {
  const [, until, mac] = /^(\d{13})\.([\w-]{43})$/.exec(token) ?? [];
  if (until === undefined || mac === undefined || Number(until) < now.getTime()) return false;
  return timingSafeEqual(sign(secret, until), Buffer.from(mac, 'base64url'));
}
