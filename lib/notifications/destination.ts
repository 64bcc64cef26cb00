import { AppError } from '../shell/errors.ts';
import { allowedFromEnvironment, checkUrl } from '../shell/outbound.ts';
import type { WebhookRow } from './queries.ts';
import { checkEvents } from './rules.ts';
import type { Protocol } from './schema.ts';
import { standardKey } from './signature.ts';

const malformed = (path: string, message: string): AppError =>
  new AppError('malformed', 'invalid_input', message, [{ path, code: 'invalid_input', message }]);

/** Refuses at once what delivery would refuse anyway; a name is resolved, and judged, at each delivery. */
export function assertDestination(url: string): void {
  const checked = checkUrl(url, allowedFromEnvironment());
  if (!checked.ok) throw malformed('url', `The webhook URL ${checked.error}.`);
}

export function assertEvents(protocol: Protocol, events: readonly string[]): void {
  const checked = checkEvents(protocol, events);
  if (!checked.ok) throw malformed('events', `events: ${checked.error}.`);
}

export function assertSecret(protocol: Protocol, secret: string): void {
  if (protocol === 'standard' && !standardKey(secret))
    throw malformed('secret', 'secret: must be whsec_ and 24 to 64 bytes as base64.');
}

/** What the trail keeps of a webhook: the host alone, because an address may hold a key of its receiver. */
export const facts = (row: WebhookRow) => ({
  protocol: row.protocol,
  name: row.name,
  host: new URL(row.url).host,
  events: row.events,
  description: row.description,
  status: row.status,
  signed: row.secret !== null,
});
