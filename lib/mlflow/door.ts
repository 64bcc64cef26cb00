import { route } from '../shell/http.ts';
import { answer, answerAhead, policies, searchAhead, standingAhead } from './endpoints.ts';
import { endpointOf } from './webhooks.ts';

/** A handful of the longest values that the protocol allows, each character escaped in twelve bytes as Python does. */
export const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

/** The one handler of the whole protocol: Next's route files export it, and the web server calls it without them. */
export const registry = route({
  dialect: 'mlflow',
  policies,
  endpointOf,
  bodyOfGet: true,
  maxBytes: MAX_MESSAGE_BYTES,
  ahead: answerAhead,
  search: searchAhead,
  standing: standingAhead,
  handle: answer,
});

const METHODS = new Set(['GET', 'POST', 'PATCH', 'DELETE']);
/**
 * Plain paths only: what is encoded, doubled or ends in a slash is for Next to decode or to send elsewhere. Any path may
 * stand before them, as clients of a server behind a proxy are used to (next.config.js says the same to Next).
 */
const ADDRESS = /^(?:\/[\w-]+)*?\/(?:ajax-)?api\/2\.0\/mlflow\/((?:[\w-]+\/)*[\w-]+)(?:\?|$)/;

/** The path below the protocol's prefix when the handler may be called directly; everything else is Next's. */
export function directPath(method: string | undefined, address: string | undefined): string | undefined {
  return METHODS.has(method ?? '') ? ADDRESS.exec(address ?? '')?.[1] : undefined;
}
