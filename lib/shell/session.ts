import { decode } from 'next-auth/jwt';
import type { Db } from '../../db/client.ts';
import { checkScriptPassword } from '../access/credentials.ts';
import { type FindToken, findSessionActor, findTokenActor, tokenActor } from '../access/queries.ts';
import { type Actor, ANONYMOUS } from '../access/schema.ts';
import { clientAddress } from './client-address.ts';
import { AppError } from './errors.ts';

const COOKIE_NAMES = ['__Secure-next-auth.session-token', 'next-auth.session-token'];

export function authSecret(): string {
  const secret = process.env.AUTH_SECRET;
  if (!secret) throw new AppError('unavailable', 'auth_secret_missing', 'AUTH_SECRET is not set.');
  return secret;
}

/**
 * Who sends this request. A bearer token, HTTP Basic (a token as password, or an account's own password, as MLflow
 * clients send), else the session cookie. Credentials that are sent and wrong are an error, never "anonymous".
 * @param findToken how a bearer token is looked up, where something travels with the look
 */
export async function authenticate(
  db: Db,
  headers: Pick<Headers, 'get'>,
  now: Date,
  findToken?: FindToken,
): Promise<Actor> {
  const authorization = headers.get('authorization');
  if (authorization) return fromAuthorization(db, headers, authorization, now, findToken);
  return (await actorFromCookies(db, headers.get('cookie') ?? '', now)) ?? ANONYMOUS;
}

/** The signed-in person of a cookie header; the database decides on every call whether the session still counts. */
export async function actorFromCookies(db: Db, cookieHeader: string, now: Date): Promise<Actor | undefined> {
  const sessionId = await sessionIdOf(cookieHeader);
  return sessionId ? findSessionActor(db, sessionId, now) : undefined;
}

async function sessionIdOf(cookieHeader: string): Promise<string | undefined> {
  const cookies = new Map(
    cookieHeader
      .split(/;\s*/)
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const),
  );
  for (const name of COOKIE_NAMES) {
    const token = cookies.get(name);
    if (!token) continue;
    const claims = await decode({ token, secret: authSecret() }).catch(() => null);
    if (typeof claims?.sid === 'string') return claims.sid;
  }
  return undefined;
}

async function fromAuthorization(
  db: Db,
  headers: Pick<Headers, 'get'>,
  authorization: string,
  now: Date,
  findToken: FindToken | undefined,
): Promise<Actor> {
  const [, scheme, value] = /^(\w+)\s+(\S+)$/.exec(authorization.trim()) ?? [];
  if (scheme?.toLowerCase() === 'bearer' && value) {
    const actor = await findTokenActor(db, value, now, findToken);
    if (actor) return actor;
  }
  if (scheme?.toLowerCase() === 'basic' && value) {
    const actor = await fromBasic(db, Buffer.from(value, 'base64').toString('utf8'), clientAddress(headers), now);
    if (actor) return actor;
  }
  throw new AppError(
    'unauthenticated',
    'bad_credentials',
    'The credentials are not valid, have expired or were revoked.',
  );
}

async function fromBasic(db: Db, pair: string, address: string, now: Date): Promise<Actor | undefined> {
  const colon = pair.indexOf(':');
  if (colon < 0) return undefined;
  const [username, password] = [pair.slice(0, colon), pair.slice(colon + 1)];
  const byToken = await findTokenActor(db, password, now);
  if (byToken) return byToken;
  const check = await checkScriptPassword(db, { email: username, password, address }, now);
  if (!check.ok && check.code === 'too_many_attempts')
    throw new AppError('limited', 'too_many_attempts', 'Too many wrong passwords; wait a quarter of an hour.');
  if (!check.ok) return undefined;
  // A password sent by a script must not be able to sign off: it is held to what a registry token may do.
  return tokenActor(check.user, ['registry:read', 'registry:write']);
}
