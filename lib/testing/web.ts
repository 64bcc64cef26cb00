import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sql } from 'drizzle-orm';
import { encode } from 'next-auth/jwt';
import { afterAll } from 'vitest';
import { type Db, getDatabase } from '../../db/client.ts';
import { createToken } from '../access/commands/create-token.ts';
import { createUser } from '../access/commands/create-user.ts';
import { signIn } from '../access/commands/sign-in.ts';
import { findSessionActor } from '../access/queries.ts';
import { type Actor, ANONYMOUS, jobActor, type Role, type Scope } from '../access/schema.ts';
import { execute } from '../shell/command.ts';
import type { RouteHandler } from '../shell/http.ts';
import { testDatabase } from './database.ts';

const SECRET = 'a secret that only these tests know';
export const PASSWORD = 'correct horse battery';
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

const root = join(import.meta.dirname, '../..');

/** The database and the uploads folder that the real route handlers of this process use; gone with the test file. */
export async function testWeb(): Promise<{ db: Db; url: string; uploads: () => string[] }> {
  const database = await testDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-web-'));
  process.env.DATABASE_URL = database.url;
  process.env.AUTH_SECRET = SECRET;
  process.env.PLUMBLINE_DATA_DIR = folder;
  delete process.env.BLOBS_URL;
  delete process.env.PLUMBLINE_DEMO;
  // Runs before the database is dropped: what is registered last ends first.
  afterAll(async () => {
    await getDatabase().close();
    rmSync(folder, { recursive: true, force: true });
  });
  const uploads = () => globSync('**/*', { cwd: join(folder, 'uploads') });
  return { db: getDatabase().db, url: database.url, uploads };
}

export type Person = Actor & { cookie: string; sessionId: string };

/** Somebody with an account, signed in with their password: the actor, and the cookie a browser would send. */
export async function signedIn(db: Db, name: string, roles: Role[]): Promise<Person> {
  const email = `${name}@test.local`;
  await execute(createUser, { email, name, roles, password: PASSWORD }, { db, actor: jobActor('test') });
  const answer = await execute(signIn, { email, password: PASSWORD, address: name }, { db, actor: ANONYMOUS });
  if (!answer.ok) throw new Error(`${email} could not sign in: ${answer.code}`);
  const actor = await findSessionActor(db, answer.sessionId, new Date());
  if (!actor) throw new Error(`${email} has no session`);
  const token = await encode({ token: { sid: answer.sessionId }, secret: SECRET });
  return { ...actor, sessionId: answer.sessionId, cookie: `next-auth.session-token=${token}` };
}

export async function bearer(db: Db, owner: Actor, scopes: Scope[]): Promise<string> {
  const { token } = await execute(createToken, { name: 'test', scopes }, { db, actor: owner });
  return `Bearer ${token}`;
}

export type Module = { path: string; handlers: Partial<Record<Method, RouteHandler>>; names: string[] };

/** Every route file of the house, by the address it answers: `/api/v1/models/[name]`. */
export async function loadRoutes(): Promise<Module[]> {
  const files = globSync('app/**/route.ts', { cwd: root }).sort();
  return Promise.all(
    files.map(async (file) => {
      const exported = (await import(join(root, file))) as Record<string, RouteHandler>;
      const names = Object.keys(exported);
      const handlers = Object.fromEntries(METHODS.flatMap((name) => (exported[name] ? [[name, exported[name]]] : [])));
      return { path: `/${dirname(file).replace(/^app/, '').slice(1)}`, handlers, names };
    }),
  );
}

export type Sent = {
  params?: Record<string, string | string[]>;
  query?: string;
  cookie?: string | undefined;
  headers?: Record<string, string>;
  /** An object or array goes as JSON, anything else as it is. */
  body?: unknown;
  /** Aborts when the caller hangs up. */
  leaves?: AbortSignal;
};
export type Answer = { status: number; headers: Headers; code: string | undefined; body: Record<string, unknown> };

/** Calls a handler as next.js would, and reads its answer. */
export async function call(handler: RouteHandler, method: Method, path: string, sent: Sent = {}): Promise<Answer> {
  const { params = {}, query = '', cookie, headers, body, leaves } = sent;
  const address = path.replace(/\[(?:\.\.\.)?(\w+)\]/g, (_, name: string) =>
    encodeURIComponent([params[name]].flat().join('/')),
  );
  const raw = typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream;
  const leave = new AbortController();
  const request = new Request(`http://127.0.0.1:3000${address}${query}`, {
    method,
    headers: {
      ...(cookie ? { cookie } : {}),
      ...(raw || body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: (raw ? body : JSON.stringify(body)) as BodyInit, duplex: 'half' }),
    signal: leaves ? AbortSignal.any([leave.signal, leaves]) : leave.signal,
  });
  const encoded = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(encodeURIComponent) : encodeURIComponent(value),
    ]),
  );
  const response = await handler(request, { params: Promise.resolve(encoded) });
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
  if (isStream) await response.body?.cancel();
  leave.abort();
  const text = isStream ? '' : await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const read = (isJson && text ? JSON.parse(text) : {}) as Record<string, unknown>;
  const code = typeof read.code === 'string' ? read.code : undefined;
  return { status: response.status, headers: response.headers, code, body: read };
}

/** How many rows every table holds: what a refusal must leave as it was. */
export async function rowCounts(db: Db): Promise<Record<string, number>> {
  const rows = await db.execute<{ table_name: string; n: string }>(sql`
    select table_name, (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %I', table_name), false, true, '')))[1]::text as n
    from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by table_name`);
  return Object.fromEntries(rows.map((row) => [row.table_name, Number(row.n)]));
}

/** Audit rows of people, tokens and strangers; what the system does of itself afterwards is left out. */
export async function auditCount(db: Db): Promise<number> {
  const [row] = await db.execute<{ n: number }>(
    sql`select count(*)::int as n from audit_events where actor_kind <> 'job'`,
  );
  return Number(row?.n);
}
