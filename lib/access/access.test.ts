import { count, eq } from 'drizzle-orm';
import type { CredentialsConfig } from 'next-auth/providers/credentials';
import { describe, expect, it } from 'vitest';
import { sessions, signInFailures, tokens, users } from '../../db/schema/access.ts';
import { registerModel } from '../models/commands/register.ts';
import { execute } from '../shell/command.ts';
import { authenticate } from '../shell/session.ts';
import { testDatabase } from '../testing/database.ts';
import { person } from '../testing/people.ts';
import { bearer, PASSWORD, signedIn, testWeb } from '../testing/web.ts';
import { bootstrap } from '../worker/bootstrap.ts';
import { changePassword } from './commands/change-password.ts';
import { createToken } from './commands/create-token.ts';
import { revokeToken } from './commands/revoke-token.ts';
import { setUp } from './commands/set-up.ts';
import { signIn } from './commands/sign-in.ts';
import { signOut } from './commands/sign-out.ts';
import { updateUser } from './commands/update-user.ts';
import { authOptions } from './next-auth.ts';
import { hashPassword, verifyPassword } from './password.ts';
import { findSessionActor, listUsers } from './queries.ts';
import { mayRun, SIGN_IN_MAX_PER_ADDRESS, SIGN_IN_MAX_PER_EMAIL, SIGN_IN_WINDOW_MS } from './rules.ts';
import { ANONYMOUS } from './schema.ts';
import { SET_UP_MINUTES, setUpToken } from './set-up.ts';

const { db } = await testWeb();
const boss = await signedIn(db, 'boss', ['admin']);
const as = { db, actor: boss };

/** Who the server takes a sender with these credentials for. */
const who = ({ cookie, authorization }: { cookie?: string; authorization?: string }, now = new Date()) =>
  authenticate(db, new Headers({ ...(cookie && { cookie }), ...(authorization && { authorization }) }), now);
const attempt = (email: string, password: string, address: string, now = new Date()) =>
  execute(signIn, { email, password, address }, { db, actor: ANONYMOUS, now });

describe('a password', () => {
  it('opens with itself only, and is kept as argon2id with a salt of its own', async () => {
    const word = 'pässwörd 🔑 with spaces';
    const [one, other] = await Promise.all([hashPassword(word), hashPassword(word)]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
    expect(await Promise.all([word, `${word} `, 'pässwörd', ''].map((tried) => verifyPassword(tried, one)))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it.each(['', 'plain', '$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA', '$2b$10$abcdefghijklmnopqrstuv'])(
    'is refused beside what is no argon2id hash: %s',
    async (stored) => {
      expect(await verifyPassword(stored, stored)).toBe(false);
    },
  );
});

describe('signing in', () => {
  it('gives one answer for a wrong password, an unknown account and a closed one', async () => {
    const closed = await signedIn(db, 'closed', ['viewer']);
    await execute(updateUser, { id: closed.id, disabled: true }, as);
    const answers = await Promise.all([
      attempt('boss@test.local', 'wrong', 'here'),
      attempt('nobody@test.local', PASSWORD, 'here'),
      attempt('closed@test.local', PASSWORD, 'here'),
    ]);
    expect(answers).toEqual(Array(3).fill({ ok: false, code: 'wrong_credentials' }));
  });

  it('finds the account whatever the case of the address', async () => {
    expect(await attempt(' BOSS@Test.Local ', PASSWORD, 'elsewhere')).toMatchObject({
      ok: true,
      email: 'boss@test.local',
    });
  });

  it('is closed to an account after ten failures, even to the right password, for a quarter of an hour', async () => {
    await signedIn(db, 'guessed', ['viewer']);
    const email = 'guessed@test.local';
    const now = new Date();
    for (let n = 0; n < SIGN_IN_MAX_PER_EMAIL; n += 1)
      expect(await attempt(email, `guess ${n}`, `address ${n}`, now)).toEqual({ ok: false, code: 'wrong_credentials' });
    expect(await attempt(email, PASSWORD, 'new address', now)).toEqual({ ok: false, code: 'too_many_attempts' });
    const later = new Date(now.getTime() + SIGN_IN_WINDOW_MS + 1000);
    expect(await attempt(email, PASSWORD, 'new address', later)).toMatchObject({ ok: true });
  });

  it('is closed to an address after fifty failures on any accounts', async () => {
    const now = new Date();
    const failures = Array.from({ length: SIGN_IN_MAX_PER_ADDRESS }, () => ({ key: 'address:6.6.6.6', at: now }));
    await db.insert(signInFailures).values(failures.slice(1));
    expect(await attempt('somebody@test.local', 'wrong', '6.6.6.6', now)).toEqual({
      ok: false,
      code: 'wrong_credentials',
    });
    expect(await attempt('boss@test.local', PASSWORD, '6.6.6.6', now)).toEqual({
      ok: false,
      code: 'too_many_attempts',
    });
    expect(await attempt('boss@test.local', PASSWORD, '7.7.7.7', now)).toMatchObject({ ok: true });
  });

  it('fails without a word of the database in the address that tells of it', async () => {
    const { providers } = await authOptions('here');
    const { authorize } = (providers[0] as { options: CredentialsConfig }).options;
    const enter = (email: string) => authorize({ email, password: PASSWORD }, {} as never);
    await expect(enter('a\0b@test.local')).rejects.toThrow(/^invalid_input$/);
    await expect(enter('\ud800@test.local')).rejects.toThrow(/^invalid_input$/);
    await expect(enter('nobody@test.local')).rejects.toThrow(/^wrong_credentials$/);
    expect(await enter('boss@test.local')).toMatchObject({ id: boss.id });
  });

  it('does not let parallel guesses pass the limit', async () => {
    await signedIn(db, 'raced', ['viewer']);
    const email = 'raced@test.local';
    const tries = Array.from({ length: 3 * SIGN_IN_MAX_PER_EMAIL }, (_, n) =>
      attempt(email, `guess ${n}`, `race ${n}`),
    );
    const looked = (await Promise.all(tries)).filter((answer) => !answer.ok && answer.code === 'wrong_credentials');
    expect(looked).toHaveLength(SIGN_IN_MAX_PER_EMAIL);
  });
});

describe('a session', () => {
  it('counts until it is signed out, and then at once no more', async () => {
    const someone = await signedIn(db, 'leaving', ['viewer']);
    expect(await who(someone)).toMatchObject({ kind: 'user', id: someone.id });
    await execute(signOut, { sessionId: someone.sessionId }, { db, actor: someone });
    expect(await who(someone)).toEqual(ANONYMOUS);
  });

  it('of somebody else cannot be ended', async () => {
    const someone = await signedIn(db, 'staying', ['viewer']);
    expect(await execute(signOut, { sessionId: someone.sessionId }, as)).toEqual({ signedOut: false });
    expect(await who(someone)).toMatchObject({ id: someone.id });
  });

  it.each([
    ['the password is changed', { password: 'another correct horse' }],
    ['the account is closed', { disabled: true }],
  ])('ends when %s', async (what, change) => {
    const someone = await signedIn(db, what.replaceAll(' ', '-'), ['viewer']);
    await execute(updateUser, { id: someone.id, ...change }, as);
    expect(await who(someone)).toEqual(ANONYMOUS);
  });

  it('ends by itself after twelve hours', async () => {
    const later = (hours: number) => new Date(Date.now() + hours * 3_600_000);
    expect(await who(boss, later(11.9))).toMatchObject({ id: boss.id });
    expect(await who(boss, later(12.1))).toEqual(ANONYMOUS);
  });

  it('has the roles its person holds now', async () => {
    const someone = await signedIn(db, 'promoted', ['viewer']);
    await execute(updateUser, { id: someone.id, roles: ['ops'] }, as);
    expect((await who(someone)).roles).toEqual(['ops']);
  });

  it('in a cookie that we did not sign is nobody', async () => {
    const forged = `next-auth.session-token=${boss.cookie.slice(-40)}`;
    expect(await who({ cookie: forged })).toEqual(ANONYMOUS);
    expect(await who({ cookie: `${boss.cookie.slice(0, -6)}AAAAAA` })).toEqual(ANONYMOUS);
  });
});

describe('a token', () => {
  it('makes another one with its own scopes at most', async () => {
    const owner = await signedIn(db, 'maker', ['ops']);
    const maker = await who({ authorization: await bearer(db, owner, ['admin', 'data:write']) });
    const make = (scopes: string[]) => execute(createToken, { name: 'made', scopes }, { db, actor: maker });
    await expect(make(['data:write', 'deploy'])).rejects.toMatchObject({ kind: 'forbidden', code: 'scope_missing' });
    expect(await make(['data:write'])).toMatchObject({ scopes: ['data:write'] });
  });

  const refused = { kind: 'unauthenticated', code: 'bad_credentials' };

  it('counts until it is revoked, and then is an error and not a stranger', async () => {
    const authorization = await bearer(db, boss, ['registry:write']);
    expect(await who({ authorization })).toMatchObject({ kind: 'token', id: boss.id, scopes: ['registry:write'] });
    const [row] = await db
      .select()
      .from(tokens)
      .where(eq(tokens.hint, `plb_…${authorization.slice(-4)}`));
    await execute(revokeToken, { id: row!.id }, as);
    await expect(who({ authorization })).rejects.toMatchObject(refused);
    await expect(who({ authorization, cookie: boss.cookie })).rejects.toMatchObject(refused);
  });

  it('runs out on its day', async () => {
    const authorization = await bearer(db, boss, ['registry:read']);
    const day = 86_400_000;
    expect(await who({ authorization }, new Date(Date.now() + 89 * day))).toMatchObject({ kind: 'token' });
    await expect(who({ authorization }, new Date(Date.now() + 91 * day))).rejects.toMatchObject(refused);
  });

  it('without a day to run out on counts until it is revoked', async () => {
    const made = await execute(createToken, { name: 'for good', scopes: ['registry:read'], expiresInDays: null }, as);
    expect(made.expiresAt).toBeNull();
    const authorization = `Bearer ${made.token}`;
    expect(await who({ authorization }, new Date(Date.now() + 4000 * 86_400_000))).toMatchObject({ kind: 'token' });
    await execute(revokeToken, { id: made.id }, as);
    await expect(who({ authorization })).rejects.toMatchObject(refused);
  });

  it('acts within the rights its owner has now', async () => {
    const owner = await signedIn(db, 'owner', ['data']);
    const authorization = await bearer(db, owner, ['registry:write', 'deploy']);
    const actor = await who({ authorization });
    expect(await execute(registerModel, { name: 'by-token' }, { db, actor })).toMatchObject({ name: 'by-token' });
    expect(mayRun(actor, 'deployments.deploy')).toMatchObject({ ok: false, error: { code: 'role_missing' } });
    await execute(updateUser, { id: owner.id, roles: ['viewer'] }, as);
    const then = await who({ authorization });
    await expect(execute(registerModel, { name: 'too-late' }, { db, actor: then })).rejects.toMatchObject({
      code: 'role_missing',
    });
    await execute(updateUser, { id: owner.id, disabled: true }, as);
    await expect(who({ authorization })).rejects.toMatchObject(refused);
  });

  it('of somebody else can be revoked by an administrator only', async () => {
    const [owner, other] = [await signedIn(db, 'holder', ['data']), await signedIn(db, 'other', ['data'])];
    await bearer(db, owner, ['registry:read']);
    const [row] = await db.select().from(tokens).where(eq(tokens.userId, owner.id));
    await expect(execute(revokeToken, { id: row!.id }, { db, actor: other })).rejects.toMatchObject({
      kind: 'not_found',
    });
    expect(await execute(revokeToken, { id: row!.id }, as)).toMatchObject({ revoked: true });
  });

  it('is not in the database, and neither is a password', async () => {
    const authorization = await bearer(db, boss, ['registry:read']);
    const held = JSON.stringify([
      await db.select().from(tokens),
      await db.select().from(users),
      await db.select().from(sessions),
    ]);
    expect(held).toContain(boss.id);
    expect(held).not.toContain(authorization.slice('Bearer '.length));
    expect(held).not.toContain(PASSWORD);
  });

  it.each(['Bearer', 'Bearer plb_nothing', 'Basic !!!', 'Digest x', `Basic ${btoa('boss@test.local:wrong')}`])(
    'that is none is an error: %s',
    async (authorization) => {
      await expect(who({ authorization, cookie: boss.cookie })).rejects.toMatchObject(refused);
    },
  );

  it('as a password, or a password itself, sent by a script may never sign off', async () => {
    const actor = await who({ authorization: `Basic ${btoa(`boss@test.local:${PASSWORD}`)}` });
    expect(actor).toMatchObject({ kind: 'token', id: boss.id, scopes: ['registry:read', 'registry:write'] });
    expect(mayRun(actor, 'access.create-user').ok).toBe(false);
    expect(mayRun(actor, 'approvals.decide')).toMatchObject({ error: { code: 'people_only' } });
  });

  it('guessed by password over and over is limited like a sign-in', async () => {
    await signedIn(db, 'scripted', ['data']);
    const basic = (password: string) => who({ authorization: `Basic ${btoa(`scripted@test.local:${password}`)}` });
    for (let n = 0; n < SIGN_IN_MAX_PER_EMAIL; n += 1) await expect(basic(`guess ${n}`)).rejects.toMatchObject(refused);
    await expect(basic(PASSWORD)).rejects.toMatchObject({ kind: 'limited' });
    const [failed] = await db
      .select({ n: count() })
      .from(signInFailures)
      .where(eq(signInFailures.key, 'email:scripted@test.local'));
    expect(failed?.n).toBe(SIGN_IN_MAX_PER_EMAIL);
  });

  it('guessed for many accounts is limited by the address it comes from', async () => {
    const basic = (name: string) =>
      authenticate(
        db,
        new Headers({ authorization: `Basic ${btoa(`${name}@test.local:guess`)}`, 'x-forwarded-for': '5.5.5.5' }),
        new Date(),
      );
    const failures = Array.from({ length: SIGN_IN_MAX_PER_ADDRESS - 1 }, () => ({
      key: 'address:5.5.5.5',
      at: new Date(),
    }));
    await db.insert(signInFailures).values(failures);
    await expect(basic('one')).rejects.toMatchObject(refused);
    await expect(basic('another')).rejects.toMatchObject({ kind: 'limited' });
  });
});

describe('one’s own password', () => {
  const fresh = 'another correct horse';

  it('is replaced by whoever knows it, and every other session ends', async () => {
    const someone = await signedIn(db, 'renewing', ['product']);
    const elsewhere = await attempt('renewing@test.local', PASSWORD, 'elsewhere');
    const change = { current: PASSWORD, password: fresh };
    expect(await execute(changePassword, change, { db, actor: someone })).toEqual({ ok: true });
    expect(await who(someone)).toMatchObject({ id: someone.id });
    expect(await findSessionActor(db, elsewhere.ok ? elsewhere.sessionId : '', new Date())).toBeUndefined();
    expect(await attempt('renewing@test.local', PASSWORD, 'here')).toMatchObject({ ok: false });
    expect(await attempt('renewing@test.local', fresh, 'here')).toMatchObject({ ok: true });
  });

  it('stays when the present one is wrong, and guesses are counted as at the sign-in', async () => {
    const someone = await signedIn(db, 'left-open', ['product']);
    const guess = (current: string) => execute(changePassword, { current, password: fresh }, { db, actor: someone });
    for (let n = 0; n < SIGN_IN_MAX_PER_EMAIL; n += 1)
      expect(await guess(`guess ${n}`)).toEqual({ ok: false, code: 'wrong_credentials' });
    expect(await guess(PASSWORD)).toEqual({ ok: false, code: 'too_many_attempts' });
    expect(await attempt('left-open@test.local', fresh, 'here')).toMatchObject({ code: 'too_many_attempts' });
  });
});

describe('an administrator', () => {
  it.each([{ disabled: true }, { roles: ['viewer' as const] }])('cannot lock himself out with %j', async (change) => {
    await expect(execute(updateUser, { id: boss.id, ...change }, as)).rejects.toMatchObject({ code: 'own_account' });
  });

  it.each([
    ['close the account', { disabled: true }],
    ['take the role', { roles: ['viewer' as const] }],
  ])('is left when two %s of each other at the same moment', async (_, change) => {
    const { db: own } = await testDatabase();
    const [one, other] = [await person(own, 'one', ['admin']), await person(own, 'other', ['admin'])];
    const both = await Promise.allSettled([
      execute(updateUser, { id: other.id, ...change }, { db: own, actor: one }),
      execute(
        updateUser,
        { id: one.id, ...change },
        { db: own, actor: { ...other, kind: 'token', scopes: ['admin'] } },
      ),
    ]);
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(both).toContainEqual({ status: 'rejected', reason: expect.objectContaining({ code: 'no_longer_admin' }) });
    const left = (await listUsers(own)).filter(({ roles, disabled }) => roles.includes('admin') && !disabled);
    expect(left).toHaveLength(1);
  });
});

describe('the printed set-up link', () => {
  const asked = { email: 'first@test.local', name: 'First', password: PASSWORD };
  const secret = process.env.AUTH_SECRET!;

  it('is refused when forged or half an hour old, and once anybody has an account', async () => {
    const now = new Date();
    const token = setUpToken(secret, now);
    const late = new Date(now.getTime() + SET_UP_MINUTES * 60_000 + 1);
    const open = (given: string, at: Date) =>
      execute(setUp, { ...asked, token: given }, { db, actor: ANONYMOUS, now: at });
    await expect(open(setUpToken('another secret', now), now)).rejects.toMatchObject({ code: 'set_up_link_invalid' });
    await expect(open('', now)).rejects.toMatchObject({ code: 'set_up_link_invalid' });
    await expect(open(token, late)).rejects.toMatchObject({ code: 'set_up_link_invalid' });
    await expect(open(token, now)).rejects.toMatchObject({ code: 'already_set_up' });
  });

  it('makes one administrator, whoever else clicks it at the same moment', async () => {
    const empty = await testDatabase();
    const token = setUpToken(secret, new Date());
    const clicks = ['a', 'b', 'c'].map((who) =>
      execute(setUp, { ...asked, email: `${who}@test.local`, token }, { db: empty.db, actor: ANONYMOUS }),
    );
    const made = (await Promise.allSettled(clicks)).filter(({ status }) => status === 'fulfilled');
    expect(made).toMatchObject([{ value: { roles: ['admin'] } }]);
  });

  it('is printed for an empty workspace only; a headless one gets its administrator and token once, however many start it', async () => {
    const { db: empty } = await testDatabase();
    const env = { NODE_ENV: 'production', PLUMBLINE_ORIGIN: 'http://here', PLUMBLINE_DEMO: '0' } as const;
    expect(await bootstrap(empty, env)).toMatch(/within 30 minutes:\nhttp:\/\/here\/sign-in#set-up=\d{13}\.[\w-]{43}$/);
    const token = 'a-token-that-the-operator-chose-once';
    const headless = {
      ...env,
      PLUMBLINE_INIT_ADMIN_EMAIL: 'root@test.local',
      PLUMBLINE_INIT_ADMIN_PASSWORD: PASSWORD,
      PLUMBLINE_INIT_ADMIN_TOKEN: token,
    };
    // The website and the worker start together, and start again.
    for (let start = 0; start < 2; start += 1)
      expect(await Promise.all([1, 2, 3].map(() => bootstrap(empty, headless)))).toEqual([null, null, null]);
    expect(await empty.select().from(users)).toHaveLength(1);
    expect(await empty.select().from(tokens)).toHaveLength(1);
    const actor = await authenticate(empty, new Headers({ authorization: `Bearer ${token}` }), new Date());
    expect(actor).toMatchObject({ kind: 'token', email: 'root@test.local', roles: ['admin'] });
  });
});
