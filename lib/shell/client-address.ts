import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { isPublic } from './outbound.ts';

const HEADER = 'x-forwarded-for';

/** Puts the peer behind whoever the header names: what a sender made up can then be told from what a proxy wrote. */
export function namePeer(message: Pick<IncomingMessage, 'headers' | 'socket'>): void {
  const hops = [message.headers[HEADER], message.socket.remoteAddress].flat().filter(Boolean);
  if (hops.length > 0) message.headers[HEADER] = hops.join(', ');
}

/**
 * Whom the limit on failed sign-ins counts: the peer, or, where that is a proxy beside us, the last one that it names. What
 * stands before that, anybody can write.
 */
export function clientAddress(headers: Pick<Headers, 'get'>): string {
  const hops = (headers.get(HEADER) ?? '').split(',').map((hop) => hop.trim().replace(/^::ffff:/i, ''));
  const peer = hops.pop();
  if (!peer) return 'direct';
  return networkOf((!isPublic(peer) && hops.at(-1)) || peer).slice(0, 100);
}

/** A subscriber has 2^64 addresses of IPv6 to send from. */
function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const [front, back] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean)) as [string[], string[]];
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0');
  return `${[...front, ...zeros, ...back].slice(0, 4).join(':')}::/64`;
}
