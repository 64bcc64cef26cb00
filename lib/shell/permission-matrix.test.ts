import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { SCOPES } from '../access/schema.ts';
import { doorsOf, findRoute, ROLES, WORLD } from '../testing/routes.ts';
import {
  auditCount,
  bearer,
  call,
  loadRoutes,
  METHODS,
  type Method,
  type Person,
  type Sent,
  signedIn,
  testWeb,
} from '../testing/web.ts';

const manifest = join(import.meta.dirname, '../../.next/app-path-routes-manifest.json');
const { db } = await testWeb();
const routes = await loadRoutes();
const doors = doorsOf(routes);

const people = {} as Record<(typeof ROLES)[number], Person>;
beforeAll(async () => {
  for (const role of ROLES) people[role] = await signedIn(db, role, [role]);
});

describe('every route', () => {
  it('exports methods of the one wrapper only, each with its policy', () => {
    expect(routes.length).toBeGreaterThan(40);
    const naked = routes.flatMap(({ path, handlers, names }) => [
      ...names.filter(
        (name) => !(METHODS as readonly string[]).includes(name) && !['dynamic', 'runtime'].includes(name),
      ),
      ...Object.entries(handlers)
        .filter(([, handler]) => !('policy' in handler || 'policies' in handler))
        .map(([method]) => `${method} ${path}`),
    ]);
    expect(naked).toEqual([]);
  });

  it.runIf(existsSync(manifest))('is among the built ones, and no other door is built', () => {
    const built = Object.entries(JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, string>);
    const doors = built.filter(([file]) => file.endsWith('/route')).map(([, address]) => address);
    const unknown = doors.filter((address) => !routes.some((route) => route.path === address));
    expect(unknown).toEqual([]);
  });
});

/** Who gets past the door, written down once more by hand: a change of the permission table has to be meant. */
const EVERYBODY = [...WORLD];
const ACCOUNTS = [...ROLES];
const REGISTRARS = ['data', 'ops', 'admin'];
const GOALS = ['product', 'data', 'ops', 'admin'];
const admitted: Record<string, readonly string[]> = {
  'GET /api/health': EVERYBODY,
  'GET /api/ready': EVERYBODY,
  'GET /demo-accounts': EVERYBODY,
  'POST /deployments/[id]/callback': EVERYBODY,
  'POST /set-up': EVERYBODY,
  'PUT /me/password': ACCOUNTS,
  'POST /api/ce/[token]': EVERYBODY,
  'POST /models': REGISTRARS,
  'PATCH /models/[name]': GOALS,
  'POST /models/[name]/versions': REGISTRARS,
  'PUT /models/[name]/versions/[version]/reference': REGISTRARS,
  'POST /models/[name]/versions/[version]/observations': REGISTRARS,
  'PUT /models/[name]/versions/[version]/importance': REGISTRARS,
  'PUT /models/[name]/protected': ['product', 'data', 'validator', 'admin'],
  'POST /models/[name]/labels': REGISTRARS,
  'POST /models/[name]/metrics': REGISTRARS,
  'POST /api/otlp/v1/metrics': REGISTRARS,
  'PATCH /models/[name]/contract': ['data', 'admin'],
  'GET /batches/[id]/quarantine': REGISTRARS,
  'POST /batches/[id]/cancel': REGISTRARS,
  'POST /models/[name]/kpis': GOALS,
  'PATCH /kpis/[id]': GOALS,
  'DELETE /kpis/[id]': GOALS,
  'POST /incidents/[id]/acknowledge': GOALS,
  'POST /incidents/[id]/assign': GOALS,
  'POST /incidents/[id]/snooze': GOALS,
  'POST /incidents/[id]/resolve': GOALS,
  'POST /approvals': REGISTRARS,
  'POST /approvals/[id]/decide': ['product', 'data', 'ops', 'validator'],
  'POST /approvals/[id]/revise': REGISTRARS,
  'POST /approvals/[id]/withdraw': REGISTRARS,
  'POST /approvals/[id]/deploy': ['ops', 'admin'],
  'POST /models/[name]/rollback': ['ops', 'admin'],
  'POST /comments': ACCOUNTS,
  'POST /tokens': ACCOUNTS,
  'DELETE /tokens': ACCOUNTS,
  'DELETE /tokens/[id]': ACCOUNTS,
  'POST /views': ACCOUNTS,
  'DELETE /views/[id]': ACCOUNTS,
  'POST /users': ['admin'],
  'PATCH /users': ['admin'],
  'DELETE /demo': ['admin'],
  'GET /webhooks': REGISTRARS,
  'GET /webhooks/[id]': REGISTRARS,
  'GET /webhooks/[id]/deliveries': REGISTRARS,
  'GET /imports': ['admin'],
  'POST /imports': ['admin'],
  'GET /imports/[id]': ['admin'],
  'POST /imports/[id]/cancel': ['admin'],
  'POST /imports/[id]/follow': ['admin'],
  'POST /imports/[id]/events': EVERYBODY,
  'POST /imports/models': ['admin'],
  'POST /webhooks': REGISTRARS,
  'PATCH /webhooks/[id]': REGISTRARS,
  'DELETE /webhooks/[id]': REGISTRARS,
  'POST /webhooks/[id]/test': REGISTRARS,
  'POST /webhooks/[id]/deliveries/[delivery]/redeliver': REGISTRARS,
};

/** Nothing of this exists: whoever passes the door finds nothing, and nothing changes. */
const NOBODY = '00000000-0000-4000-8000-000000000000';
const idOf = (path: string): string => (/approvals|incidents/.test(path) ? '999999' : NOBODY);
const nothing = (path: string, method: Method): Sent => ({
  params: { name: 'no-such-model', version: '1', id: idOf(path), delivery: 'msg_0' },
  headers: { 'if-match': '"1"' },
  ...(method === 'GET' ? {} : { body: {} }),
});

describe('the permission matrix', () => {
  it('says of every writing route who may', () => {
    const silent = doors.filter(({ name, method }) => method !== 'GET' && !(name in admitted)).map(({ name }) => name);
    expect(silent).toEqual([]);
  });

  it.each(doors)(
    '$name lets in whom it should and refuses the others without a trace',
    async ({ name, path, method, handler }) => {
      const allowed = admitted[name] ?? ACCOUNTS;
      const before = await auditCount(db);
      for (const who of WORLD) {
        const cookie = who === 'anonymous' ? undefined : people[who].cookie;
        const { status, code } = await call(handler, method, path, { ...nothing(path, method), cookie });
        const door = status === 401 || status === 403 ? status : 'in';
        const due = allowed.includes(who) ? 'in' : who === 'anonymous' ? 401 : 403;
        expect({ who, door }, `${who} got ${status} ${code}`).toEqual({ who, door: due });
        expect(status, `${who} got ${code}`).toBeLessThan(500);
      }
      expect(await auditCount(db)).toBe(before);
    },
  );

  it('gives a token no more than its scopes, and neither a signature nor a password', async () => {
    const all = await signedIn(db, 'everything', [...ROLES]);
    const [reader, full] = [await bearer(db, all, ['registry:read']), await bearer(db, all, [...SCOPES])];
    for (const { name, path, method, handler } of doors) {
      const use = (authorization: string) => {
        const sent = nothing(path, method);
        return call(handler, method, path, { ...sent, headers: { ...sent.headers, authorization } });
      };
      const writes = method !== 'GET' && admitted[name] !== EVERYBODY;
      const people =
        name === 'GET /users' || name === 'GET /tokens' || /^GET \/(webhooks|imports|.*quarantine)/.test(name);
      expect([name, (await use(reader)).status === 403]).toEqual([name, writes || people]);
      const forPeople = name === 'POST /approvals/[id]/decide' || name === 'PUT /me/password';
      expect([name, (await use(full)).status === 403]).toEqual([name, forPeople]);
      expect([name, (await use('Bearer plb_wrong')).status]).toEqual([name, 401]);
    }
  });

  it('refuses a cookie that another site made the browser send', async () => {
    const { handler, method, path } = findRoute(routes, 'POST /comments');
    const foreign: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ];
    for (const headers of foreign) {
      const answer = await call(handler, method, path, { cookie: people.viewer.cookie, headers, body: {} });
      expect(answer).toMatchObject({ status: 403, code: 'cross_origin' });
    }
  });
});
