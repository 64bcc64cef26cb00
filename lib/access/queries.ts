import { and, asc, count, desc, eq, gt, inArray, isNull, sql } from 'drizzle-orm';
import { type Db, statement } from '../../db/client.ts';
import { keyedRead } from '../../db/keyed-reads.ts';
import { sessions, signInFailures, tokens, users, workspace } from '../../db/schema/access.ts';
import { type Found, SNAPSHOT } from '../../db/snapshot.ts';
import { numbered, type Piece } from '../../db/sql-pieces.ts';
import { sha256 } from '../base/hash.ts';
import { addMs } from '../base/time.ts';
import { SIGN_IN_WINDOW_MS } from './rules.ts';
import type { Actor, Role, Scope, TokenView, UserView } from './schema.ts';

type UserRow = typeof users.$inferSelect;

export async function findUserByEmail(db: Db, email: string): Promise<UserRow | undefined> {
  const [user] = await db
    .select()
    .from(users)
    .where(eq(sql`lower(${users.email})`, email.trim().toLowerCase()));
  return user;
}

/** The person behind a live session, with the roles held now; undefined once revoked, expired or disabled. */
export async function findSessionActor(db: Db, sessionId: string, now: Date): Promise<Actor | undefined> {
  const [row] = await db
    .select({ id: users.id, name: users.name, email: users.email, roles: users.roles })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(
      and(
        eq(sessions.id, sessionId),
        isNull(sessions.revokedAt),
        gt(sessions.expiresAt, now),
        isNull(users.disabledAt),
      ),
    );
  return (
    row && {
      kind: 'user',
      id: row.id,
      name: row.name,
      email: row.email,
      roles: row.roles as Role[],
      scopes: null,
      sessionId,
    }
  );
}

type TokenOwner = Pick<UserRow, 'id' | 'name' | 'email' | 'roles'>;
type LiveToken = {
  token: { id: string; scopes: Scope[]; expiresAt: string | null; lastUsedAt: string | null };
  owner: TokenOwner;
};

const LIVE_TOKEN = `json_build_object(
      'token', json_build_object('id', t.id, 'scopes', t.scopes, 'expiresAt', t.expires_at, 'lastUsedAt', t.last_used_at),
      'owner', json_build_object('id', u.id, 'name', u.name, 'email', u.email, 'roles', u.roles))`;
const OF_LIVE = 'from tokens t join users u on u.id = t.user_id where t.revoked_at is null and u.disabled_at is null';

const liveTokens = keyedRead<LiveToken>(
  `select t.secret_hash as key, ${LIVE_TOKEN} as answer ${OF_LIVE} and t.secret_hash = any($keys)`,
);

/** How a live token is found by its hash. */
export type FindToken = (db: Db, hash: string) => Promise<LiveToken | undefined>;

/** The first statement of a search, and whose connections it is for where they are not the pool's. */
export type FirstStatement = { piece: Piece; on?: ((db: Db) => Db) | undefined };

/**
 * A search that travels with the look at the token it is asked with, as one statement: it is not even begun for a token that
 * is not live. `found` is there once the token was.
 */
export function accompany({ piece: search, on }: FirstStatement): { findToken: FindToken; found?: Found } {
  const companion: ReturnType<typeof accompany> = {
    findToken: async (db, hash) => {
      const [found] = await statement<{ token: LiveToken; rows: unknown[] | null; snapshot: string }>(
        `select ${LIVE_TOKEN} as token, ${SNAPSHOT} as snapshot,
          (select json_agg(found) from (${numbered(search.text, 1)}) found) as rows ${OF_LIVE} and t.secret_hash = $1`,
      )(on?.(db) ?? db, [hash, ...search.values]);
      if (found) companion.found = { rows: found.rows ?? [], snapshot: found.snapshot };
      return found?.token;
    },
  };
  return companion;
}

/** The owner of a live token, bounded by the token's scopes. */
export async function findTokenActor(
  db: Db,
  secret: string,
  now: Date,
  findToken: FindToken = liveTokens,
): Promise<Actor | undefined> {
  const found = await findToken(db, sha256(secret));
  if (!found) return undefined;
  const { token, owner } = found;
  if (token.expiresAt && new Date(token.expiresAt) <= now) return undefined;
  await noteTokenUse(db, token, now);
  return tokenActor(owner, token.scopes);
}

/** A person acting through a script, within some scopes. */
export const tokenActor = (user: TokenOwner, scopes: Scope[]): Actor => ({
  kind: 'token',
  id: user.id,
  name: user.name,
  email: user.email,
  roles: user.roles as Role[],
  scopes,
});

const TOKEN_USE_GRAIN_MS = 5 * 60 * 1000;
/** When a token was last used, to five minutes: a write on each request would cost more than the request. */
async function noteTokenUse(db: Db, token: LiveToken['token'], now: Date): Promise<void> {
  if (token.lastUsedAt && new Date(token.lastUsedAt) > addMs(now, -TOKEN_USE_GRAIN_MS)) return;
  await db.update(tokens).set({ lastUsedAt: now }).where(eq(tokens.id, token.id));
}

export async function countSignInFailures(db: Db, key: string, now: Date): Promise<number> {
  const [row] = await db
    .select({ n: count() })
    .from(signInFailures)
    .where(and(eq(signInFailures.key, key), gt(signInFailures.at, addMs(now, -SIGN_IN_WINDOW_MS))));
  return row?.n ?? 0;
}

/** What people are called, by address; of an address without an account, nothing. */
export async function findNames(db: Db, emails: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (emails.length === 0) return new Map();
  const rows = await db
    .select({ email: users.email, name: users.name })
    .from(users)
    .where(inArray(users.email, [...emails]));
  return new Map(rows.map(({ email, name }) => [email, name]));
}

export async function listUsers(db: Db): Promise<UserView[]> {
  const rows = await db.select().from(users).orderBy(asc(users.name), asc(users.email));
  return rows.map(viewUser);
}

export const viewUser = (user: UserRow): UserView => ({
  id: user.id,
  email: user.email,
  name: user.name,
  roles: user.roles as Role[],
  disabled: user.disabledAt !== null,
  createdAt: user.createdAt.toISOString(),
});

/** A person's own live tokens; an administrator sees everybody's. */
export async function listTokens(db: Db, actor: Actor): Promise<TokenView[]> {
  const mine = actor.roles.includes('admin') ? undefined : eq(tokens.userId, actor.id);
  const rows = await db
    .select({ token: tokens, owner: users.name })
    .from(tokens)
    .innerJoin(users, eq(users.id, tokens.userId))
    .where(and(isNull(tokens.revokedAt), mine))
    .orderBy(desc(tokens.createdAt));
  return rows.map(({ token, owner }) => ({
    id: token.id,
    name: token.name,
    hint: token.hint,
    scopes: token.scopes as Scope[],
    createdAt: token.createdAt.toISOString(),
    expiresAt: token.expiresAt?.toISOString() ?? null,
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
    owner,
  }));
}

export type Workspace = { name: string; timezone: string; currency: string; demoLoadedAt: string | null };

export async function getWorkspace(db: Db): Promise<Workspace> {
  const [row] = await db.select().from(workspace);
  return {
    name: row?.name ?? 'Workspace',
    timezone: row?.timezone ?? 'UTC',
    currency: row?.currency ?? 'EUR',
    demoLoadedAt: row?.demoLoadedAt?.toISOString() ?? null,
  };
}
