import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { err, ok, type Result } from '../base/result.ts';
import { SECOND_MS } from '../base/time.ts';

/**
 * Every call to an address that somebody entered goes through here. The name is resolved once, all its addresses are
 * judged, and the connection is made to a judged address, so that a name cannot point elsewhere in between. Redirects
 * are answers like any other: nobody judged where they lead. A proxy would hide the peer, so none is used.
 */

const CONNECT_MS = 10 * SECOND_MS;
const TOTAL_MS = 15 * SECOND_MS;
/** What is read of the answer to a message, in bytes; the rest stays on the wire. */
const ANSWER_BYTES = 64 * 1024;
/** What is asked for is read whole, and may take the other side a while to find. */
const PAGE_BYTES = 32 * 1024 * 1024;
const PAGE_MS = 60 * SECOND_MS;

/** IANA special-purpose blocks (RFC 6890 and its registry), multicast and class E. */
const PRIVATE_V4 =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4';
/** Outside 2000::/3 nothing is global; inside it these are not: protocol assignments, documentation, 6to4, AS112. */
const GLOBAL_V6 = '2000::/3';
const PRIVATE_V6 = '2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20';

const ranges = (text: string, family: 'ipv4' | 'ipv6'): BlockList => {
  const list = new BlockList();
  for (const range of text.split(' ')) {
    const [net = '', bits] = range.split('/');
    list.addSubnet(net, Number(bits), family);
  }
  return list;
};
// One list a family: a list that mixes them takes an IPv4 address for its IPv4-mapped form.
const privateV4 = ranges(PRIVATE_V4, 'ipv4');
const globalV6 = ranges(GLOBAL_V6, 'ipv6');
const privateV6 = ranges(PRIVATE_V6, 'ipv6');

/** Is this an address of the public internet? */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !privateV4.check(address, 'ipv4');
  return isIP(address) === 6 && globalV6.check(address, 'ipv6') && !privateV6.check(address, 'ipv6');
}

/** What the operator lets us reach beside the public internet: `OUTBOUND_ALLOW=10.2.0.0/16,jenkins.corp`. */
export type Allowed = { names: ReadonlySet<string>; v4: BlockList; v6: BlockList };

export function readAllowed(text: string | undefined): Allowed {
  const names = new Set<string>();
  const [v4, v6] = [new BlockList(), new BlockList()];
  for (const entry of (text ?? '').split(',').map((part) => part.trim().toLowerCase())) {
    const [net = '', bits] = entry.split('/');
    const family = isIP(net);
    if (family === 0) {
      if (entry) names.add(entry);
      continue;
    }
    const widest = family === 4 ? 32 : 128;
    const prefix = bits === undefined ? widest : Number(bits);
    if (!Number.isInteger(prefix) || prefix < 0 || prefix > widest)
      throw new Error(`OUTBOUND_ALLOW: ${entry} is not an address range.`);
    if (family === 4) v4.addSubnet(net, prefix, 'ipv4');
    else v6.addSubnet(net, prefix, 'ipv6');
  }
  return { names, v4, v6 };
}

export const allowedFromEnvironment = (): Allowed => readAllowed(process.env.OUTBOUND_ALLOW);

const isListed = (address: string, { v4, v6 }: Allowed): boolean =>
  isIP(address) === 4 ? v4.check(address, 'ipv4') : v6.check(address, 'ipv6');

/** An address in brackets without them; every spelling of an IPv4 address is already dotted, by the URL standard. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').toLowerCase();

const NOT_PUBLIC = 'leads into a private network; the operator can allow it in OUTBOUND_ALLOW';

/** What can be told of an address before it is resolved. The refusal's words continue "the URL …". */
export function checkUrl(text: string, allowed: Allowed): Result<URL, string> {
  if (!URL.canParse(text)) return err('is not a URL');
  const url = new URL(text);
  const host = hostOf(url);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return err('must start with https://');
  if (url.username || url.password) return err('must not hold credentials');
  const listed = allowed.names.has(host) || (isIP(host) !== 0 && isListed(host, allowed));
  if (url.protocol === 'http:' && !listed)
    return err('must start with https://; plain http is for hosts named in OUTBOUND_ALLOW');
  const isLocalName = host === 'localhost' || host.endsWith('.localhost') || host === 'localhost.';
  if (!listed && (isLocalName || (isIP(host) !== 0 && !isPublic(host)))) return err(NOT_PUBLIC);
  return ok(url);
}

/** A call that got no answer: the words hold neither the address nor what was sent. */
export class OutboundError extends Error {
  override name = 'OutboundError';
}

export type OutboundAnswer = { status: number; headers: IncomingMessage['headers']; body: string };
type Resolve = (host: string) => Promise<{ address: string; family: number }[]>;
type Destination = { url: string; headers: Record<string, string>; allowed: Allowed; resolve?: Resolve };
type Call = Destination & { method: 'GET' | 'POST'; payload: Buffer; totalMs: number; maxBytes: number };

const resolveAll: Resolve = (host) => lookup(host, { all: true });

/** POSTs the body. Throws an OutboundError when there is no answer: refused by the guard, unreachable, too slow. */
export const post = ({ body, ...to }: Destination & { body: string }): Promise<OutboundAnswer> =>
  call({ ...to, method: 'POST', payload: Buffer.from(body), totalMs: TOTAL_MS, maxBytes: ANSWER_BYTES });

/** GETs a document whole; one that is longer than any page of ours could be is refused like no answer. */
export async function get(from: Destination): Promise<OutboundAnswer> {
  const answer = await call({
    ...from,
    method: 'GET',
    payload: Buffer.of(),
    totalMs: PAGE_MS,
    maxBytes: PAGE_BYTES,
  });
  if (Buffer.byteLength(answer.body) >= PAGE_BYTES) throw new OutboundError('It answered more than could be read.');
  return answer;
}

async function call({ url: text, headers, allowed, resolve = resolveAll, ...how }: Call): Promise<OutboundAnswer> {
  const checked = checkUrl(text, allowed);
  if (!checked.ok) throw new OutboundError(`The URL ${checked.error}.`);
  const url = checked.value;
  const trusted = allowed.names.has(hostOf(url));
  const mayReach = (address: string): boolean => trusted || isPublic(address) || isListed(address, allowed);
  const { method, payload, totalMs, maxBytes } = how;
  return new Promise((answered, failed) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const fail = (error: Error) => {
      sent.destroy();
      failed(error instanceof OutboundError ? error : new OutboundError(wordsOf(error)));
    };
    const sent = send(url, {
      method,
      headers: method === 'POST' ? { ...headers, 'content-length': payload.byteLength } : headers,
      agent: false,
      lookup: judgedLookup(resolve, mayReach),
      signal: AbortSignal.timeout(totalMs),
    });
    const connecting = setTimeout(() => fail(new OutboundError('It did not connect in time.')), CONNECT_MS);
    sent.on('error', fail);
    sent.on('close', () => clearTimeout(connecting));
    sent.on('socket', (socket) =>
      socket.once('connect', () => {
        clearTimeout(connecting);
        // Also covers addresses that needed no resolution.
        if (!mayReach(socket.remoteAddress ?? '')) fail(new OutboundError(`The URL ${NOT_PUBLIC}.`));
      }),
    );
    sent.on('response', (response) => {
      readStart(response, maxBytes).then(
        (read) => {
          sent.destroy();
          answered({ status: response.statusCode ?? 0, headers: response.headers, body: read });
        },
        (error: Error) => fail(error),
      );
    });
    sent.end(payload);
  });
}

/** Resolves once and judges every address: one private one among them refuses them all. */
function judgedLookup(resolve: Resolve, mayReach: (address: string) => boolean): LookupFunction {
  return (host, options, done) => {
    resolve(host).then(
      (addresses) => {
        const [first] = addresses;
        if (!first || !addresses.every(({ address }) => mayReach(address)))
          return done(new OutboundError(`The URL ${NOT_PUBLIC}.`), '');
        if (options.all) return done(null, addresses);
        return done(null, first.address, first.family);
      },
      () => done(new OutboundError('The name of the host could not be resolved.'), ''),
    );
  };
}

async function readStart(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    total += chunk.byteLength;
    if (total >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8');
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The connection was refused.',
  ECONNRESET: 'The connection was broken off.',
  ABORT_ERR: 'It did not answer in time.',
  ETIMEDOUT: 'It did not answer in time.',
  EHOSTUNREACH: 'The host cannot be reached.',
  ENETUNREACH: 'The host cannot be reached.',
};

/** System errors name addresses and ports; only what helps their reader comes out. */
function wordsOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (Object.hasOwn(WORDS, code)) return WORDS[code]!;
  if (/CERT|SSL|TLS|SIGNATURE/.test(code)) return `The certificate or the encryption was not accepted (${code}).`;
  return code ? `The call failed (${code}).` : 'The call failed.';
}
