import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eq, sql } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { models } from '../../db/schema/models.ts';
import { webhookDeliveries } from '../../db/schema/webhooks.ts';
import { SCOPES } from '../access/schema.ts';
import { setUpToken } from '../access/set-up.ts';
import { evaluateModel } from '../incidents/jobs.ts';
import {
  auditCount,
  bearer,
  call,
  loadRoutes,
  METHODS,
  type Method,
  PASSWORD,
  type Person,
  type Sent,
  signedIn,
  testWeb,
} from '../testing/web.ts';

const manifest = join(import.meta.dirname, '../../.next/app-path-routes-manifest.json');
const { db } = await testWeb();
const routes = await loadRoutes();
/** next-auth's own endpoints and the registry protocol answer by tables of their own, with tests of their own. */
const described = routes.filter(({ path }) => !/^\/api\/auth\/|\/mlflow\//.test(path));

const ROLES = ['product', 'data', 'ops', 'validator', 'auditor', 'viewer', 'admin'] as const;
const WORLD = [...ROLES, 'anonymous'] as const;
const people = {} as Record<(typeof ROLES)[number], Person>;
/** Only an empty workspace can be set up, so this writing route is tried before all others. */
const firstAccount = { status: 0, auditRows: 0 };
process.env.OUTBOUND_ALLOW = '127.0.0.1';
beforeAll(async () => {
  const { handler, method, path } = find('POST /set-up');
  const token = setUpToken(process.env.AUTH_SECRET!, new Date());
  const body = { token, name: 'First', email: 'first@test.local', password: PASSWORD };
  firstAccount.status = (await call(handler, method, path, { body })).status;
  firstAccount.auditRows = await auditCount(db);
  for (const role of ROLES) people[role] = await signedIn(db, role, [role]);
});

const key = (method: string, path: string): string => `${method} ${path.replace('/api/v1', '')}`;
const find = (name: string) => {
  const [method, path] = name.split(' ') as [Method, string];
  const route = routes.find((held) => held.path === `/api/v1${path}` || held.path === path);
  const handler = route?.handlers[method];
  if (!route || !handler) throw new Error(`there is no route ${name}`);
  return { method, handler, path: route.path };
};

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
  'POST /api/ce/[token]': EVERYBODY,
  'POST /models': REGISTRARS,
  'PATCH /models/[name]': GOALS,
  'POST /models/[name]/versions': REGISTRARS,
  'PUT /models/[name]/versions/[version]/reference': REGISTRARS,
  'POST /models/[name]/versions/[version]/observations': REGISTRARS,
  'POST /models/[name]/labels': REGISTRARS,
  'POST /models/[name]/metrics': REGISTRARS,
  'POST /api/otlp/v1/metrics': REGISTRARS,
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
  'POST /imports': ['admin'],
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

const doors = described.flatMap(({ path, handlers }) =>
  METHODS.flatMap((method) =>
    handlers[method] ? [{ name: key(method, path), path, method, handler: handlers[method] }] : [],
  ),
);

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

  it('gives a token no more than its scopes, and never a signature', async () => {
    const all = await signedIn(db, 'everything', [...ROLES]);
    const [reader, full] = [await bearer(db, all, ['registry:read']), await bearer(db, all, [...SCOPES])];
    for (const { name, path, method, handler } of doors) {
      const use = (authorization: string) => {
        const sent = nothing(path, method);
        return call(handler, method, path, { ...sent, headers: { ...sent.headers, authorization } });
      };
      const writes = method !== 'GET' && admitted[name] !== EVERYBODY;
      const people = name === 'GET /users' || name === 'GET /tokens' || name.startsWith('GET /webhooks');
      expect([name, (await use(reader)).status === 403]).toEqual([name, writes || people]);
      expect([name, (await use(full)).status === 403]).toEqual([name, name === 'POST /approvals/[id]/decide']);
      expect([name, (await use('Bearer plb_wrong')).status]).toEqual([name, 401]);
    }
  });

  it('refuses a cookie that another site made the browser send', async () => {
    const { handler, method, path } = find('POST /comments');
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

type Kept = Record<string, string>;
type Example = {
  route: string;
  as: (typeof WORLD)[number];
  status: number;
  send: (kept: Kept) => Sent;
  keep?: (body: Record<string, unknown>, kept: Kept) => void;
  before?: (kept: Kept) => Promise<void>;
};

const csv = { headers: { 'content-type': 'text/csv' }, query: '?timestamp=at&id=id&score=score&label=label' };
const rows = (from: number): string => {
  const line = (_: unknown, i: number) =>
    `2026-03-0${1 + (i % 5)}T10:00:00Z,r${from + i},${(i % 10) / 10},${i % 2},${i % 7}`;
  return `at,id,score,label,age\n${Array.from({ length: 300 }, line).join('\n')}`;
};
const revenue = [1, 2, 3, 4].map((day) => ({ metric: 'revenue', value: 10, at: `2026-03-0${day}T00:00:00Z`, n: 500 }));
const contract = {
  name: 'Revenue',
  metric: 'revenue',
  kind: 'guardrail',
  unit: 'EUR',
  direction: 'higher_is_better',
  target: 100,
  limits: { watch: 90, breach: 80 },
  window: '7d',
  minSamples: 100,
  owner: 'product@test.local',
};
const evidence = (body: Record<string, unknown>, kept: Kept) => {
  kept.request = String(body.id);
  kept.revision = String(body.revision);
  kept.evidence = String(body.evidenceHash);
};
const vote = (kept: Kept, as: string): Sent => ({
  params: { id: kept.request! },
  body: { decision: 'approve', as, revision: Number(kept.revision), evidenceHash: kept.evidence },
});
const asked = (version: number, confirmation: string): Sent => ({
  body: {
    kind: 'model_deploy',
    model: 'churn',
    version,
    reason: 'It ranks customers better.',
    rollout: { confirmation },
  },
});
const named = (rest: Sent = {}): Sent => ({ params: { name: 'churn', version: '1' }, ...rest });
const incident =
  (body: Record<string, unknown> = {}) =>
  (kept: Kept): Sent => ({ params: { id: kept.incident! }, body });

/** One success of every route that writes, in an order in which each finds what it needs. */
const examples: Example[] = [
  { route: 'POST /models', as: 'data', status: 201, send: () => ({ body: { name: 'churn', tier: 'low' } }) },
  {
    route: 'PATCH /models/[name]',
    as: 'product',
    status: 200,
    send: () => named({ headers: { 'if-match': '"1"' }, body: { title: 'Churn' } }),
  },
  {
    route: 'POST /models/[name]/versions',
    as: 'data',
    status: 201,
    send: () => named({ body: { source: 's3://m/1' } }),
  },
  {
    route: 'POST /models/[name]/versions',
    as: 'data',
    status: 201,
    send: () => named({ body: { source: 's3://m/2' } }),
  },
  {
    route: 'PUT /models/[name]/versions/[version]/reference',
    as: 'data',
    status: 201,
    send: () => named({ ...csv, body: rows(0) }),
  },
  {
    route: 'POST /models/[name]/versions/[version]/observations',
    as: 'ops',
    status: 202,
    send: () => named({ ...csv, body: rows(1000) }),
  },
  {
    route: 'POST /models/[name]/labels',
    as: 'data',
    status: 202,
    send: () => named({ headers: csv.headers, query: '?id=id&label=label', body: 'id,label\nr1000,1\n' }),
  },
  { route: 'POST /models/[name]/metrics', as: 'data', status: 202, send: () => named({ body: revenue }) },
  {
    route: 'POST /api/otlp/v1/metrics',
    as: 'data',
    status: 200,
    send: () => ({
      body: {
        resourceMetrics: [
          {
            resource: { attributes: [{ key: 'service.name', value: { stringValue: 'churn' } }] },
            scopeMetrics: [
              {
                metrics: [
                  { name: 'cost', gauge: { dataPoints: [{ timeUnixNano: '1763719200000000000', asDouble: 1 }] } },
                ],
              },
            ],
          },
        ],
      },
    }),
  },
  {
    route: 'POST /models/[name]/kpis',
    as: 'product',
    status: 201,
    send: () => named({ body: { ...contract, reason: 'Below this it does not pay.' } }),
    keep: (body, kept) => {
      kept.kpi = String(body.id);
    },
  },
  {
    route: 'PATCH /kpis/[id]',
    as: 'ops',
    status: 200,
    send: (kept) => ({
      params: { id: kept.kpi! },
      headers: { 'if-match': '"1"' },
      body: { target: 110, reason: 'We want a little more.' },
    }),
  },
  {
    route: 'POST /incidents/[id]/acknowledge',
    as: 'ops',
    status: 200,
    send: incident(),
    before: async (kept) => {
      const [model] = await db.select().from(models).where(eq(models.name, 'churn'));
      await evaluateModel(db, model!.id);
      const [opened] = await db.execute<{ id: string }>(sql`select id from incidents`);
      kept.incident = String(opened!.id);
    },
  },
  { route: 'POST /incidents/[id]/assign', as: 'product', status: 200, send: incident({ assignee: 'ops@test.local' }) },
  { route: 'POST /incidents/[id]/snooze', as: 'data', status: 200, send: incident({ until: '2030-01-01T00:00:00Z' }) },
  { route: 'POST /incidents/[id]/resolve', as: 'admin', status: 200, send: incident({ cause: 'noise' }) },
  { route: 'POST /approvals', as: 'data', status: 201, send: () => asked(1, 'immediate'), keep: evidence },
  {
    route: 'POST /approvals/[id]/withdraw',
    as: 'data',
    status: 200,
    send: (kept) => ({ params: { id: kept.request! }, body: {} }),
  },
  { route: 'POST /approvals', as: 'admin', status: 201, send: () => asked(1, 'immediate'), keep: evidence },
  {
    route: 'POST /approvals/[id]/revise',
    as: 'admin',
    status: 200,
    keep: evidence,
    send: (kept) => ({ params: { id: kept.request! }, body: { reason: 'It ranks all customers better.' } }),
  },
  { route: 'POST /approvals/[id]/decide', as: 'ops', status: 200, send: (kept) => vote(kept, 'ops') },
  {
    route: 'POST /approvals/[id]/deploy',
    as: 'ops',
    status: 200,
    send: (kept) => ({ params: { id: kept.request! }, body: {} }),
  },
  { route: 'POST /approvals', as: 'admin', status: 201, send: () => asked(2, 'callback'), keep: evidence },
  { route: 'POST /approvals/[id]/decide', as: 'ops', status: 200, send: (kept) => vote(kept, 'ops') },
  {
    route: 'POST /approvals/[id]/deploy',
    as: 'admin',
    status: 200,
    send: (kept) => ({ params: { id: kept.request! }, body: {} }),
    keep: (body, kept) => {
      kept.deployment = String(body.id);
      kept.callback = String(body.callbackToken);
    },
  },
  {
    route: 'POST /deployments/[id]/callback',
    as: 'anonymous',
    status: 200,
    send: (kept) => ({
      params: { id: kept.deployment! },
      body: { token: kept.callback, sequence: 1, status: 'succeeded' },
    }),
  },
  {
    route: 'POST /models/[name]/rollback',
    as: 'ops',
    status: 201,
    send: () => named({ body: { reason: 'Too many false alarms.' } }),
  },
  {
    route: 'POST /comments',
    as: 'viewer',
    status: 201,
    send: () => ({ body: { subject: { type: 'model', id: 'churn' }, body: 'Why did it fall?' } }),
  },
  {
    route: 'POST /views',
    as: 'viewer',
    status: 201,
    send: () => ({ body: { name: 'Risky', query: { tier: 'high' } } }),
    keep: (body, kept) => {
      kept.view = String(body.id);
    },
  },
  { route: 'DELETE /views/[id]', as: 'viewer', status: 200, send: (kept) => ({ params: { id: kept.view! } }) },
  {
    route: 'POST /users',
    as: 'admin',
    status: 201,
    send: () => ({ body: { email: 'new@test.local', roles: ['viewer'] } }),
    keep: (body, kept) => {
      kept.user = String(body.id);
    },
  },
  {
    route: 'PATCH /users',
    as: 'admin',
    status: 200,
    send: (kept) => ({ body: { id: kept.user, roles: ['auditor'] } }),
  },
  {
    route: 'POST /tokens',
    as: 'data',
    status: 201,
    send: () => ({ body: { name: 'CI', scopes: ['data:write'] } }),
    keep: (body, kept) => {
      kept.token = String(body.id);
    },
  },
  { route: 'DELETE /tokens/[id]', as: 'data', status: 200, send: (kept) => ({ params: { id: kept.token! } }) },
  {
    route: 'POST /tokens',
    as: 'data',
    status: 201,
    send: () => ({ body: { name: 'CI', scopes: ['data:write'] } }),
    keep: (body, kept) => {
      kept.token = String(body.id);
    },
  },
  { route: 'DELETE /tokens', as: 'data', status: 200, send: (kept) => ({ query: `?id=${kept.token}` }) },
  {
    route: 'DELETE /kpis/[id]',
    as: 'product',
    status: 200,
    send: (kept) => ({
      params: { id: kept.kpi! },
      headers: { 'if-match': '"2"' },
      body: { reason: 'Nobody looks at it any more.' },
    }),
  },
  {
    route: 'POST /imports',
    as: 'admin',
    status: 200,
    send: () => ({
      body: { name: 'imported', createdAt: '2024-01-01T00:00:00Z', updatedAt: '2024-01-01T00:00:00Z' },
    }),
  },
  {
    route: 'POST /webhooks',
    as: 'ops',
    status: 201,
    send: () => ({ body: { name: 'ci', url: 'http://127.0.0.1:9/hook', events: ['model_version.created'] } }),
    keep: (body, kept) => {
      kept.webhook = String(body.id);
    },
  },
  {
    route: 'PATCH /webhooks/[id]',
    as: 'data',
    status: 200,
    send: (kept) => ({ params: { id: kept.webhook! }, headers: { 'if-match': '"1"' }, body: { name: 'ci-2' } }),
  },
  {
    route: 'POST /webhooks/[id]/test',
    as: 'ops',
    status: 200,
    send: (kept) => ({ params: { id: kept.webhook! }, body: {} }),
  },
  {
    route: 'POST /webhooks/[id]/deliveries/[delivery]/redeliver',
    as: 'ops',
    status: 200,
    send: (kept) => ({ params: { id: kept.webhook!, delivery: 'msg_1' }, body: {} }),
    before: async (kept) => {
      const now = new Date();
      const row = { id: 'msg_1', webhookId: kept.webhook!, outboxId: 1, event: 'x', body: '{}', state: 'failed' };
      await db.insert(webhookDeliveries).values({ ...row, nextAttemptAt: now, createdAt: now });
    },
  },
  {
    route: 'DELETE /webhooks/[id]',
    as: 'admin',
    status: 200,
    send: (kept) => ({ params: { id: kept.webhook! } }),
  },
  {
    route: 'DELETE /demo',
    as: 'admin',
    status: 200,
    send: () => ({}),
    before: async () => {
      await db.update(models).set({ demo: true });
    },
  },
];

describe('the trail', () => {
  it('holds one row of the set-up', () => {
    expect(firstAccount).toEqual({ status: 201, auditRows: 1 });
  });

  // A logged inference is told in the trail by the batch that it becomes part of.
  it('has an example of every writing route', () => {
    const shown = new Set(['POST /set-up', 'POST /api/ce/[token]', ...examples.map(({ route }) => route)]);
    expect(doors.filter(({ method, name }) => method !== 'GET' && !shown.has(name)).map(({ name }) => name)).toEqual(
      [],
    );
  });

  it('holds exactly one row more after each success, and none after the same from a stranger', async () => {
    const kept: Kept = {};
    for (const { route, as, status, send, keep, before } of examples) {
      await before?.(kept);
      const { handler, method, path } = find(route);
      const rowsBefore = await auditCount(db);
      if (as !== 'anonymous') {
        expect([route, (await call(handler, method, path, send(kept))).status]).toEqual([route, 401]);
        expect([route, await auditCount(db)]).toEqual([route, rowsBefore]);
      }
      const cookie = as === 'anonymous' ? undefined : people[as].cookie;
      const answer = await call(handler, method, path, { ...send(kept), cookie });
      expect([route, answer.status, answer.body]).toEqual([route, status, answer.body]);
      keep?.(answer.body, kept);
      expect([route, await auditCount(db)]).toEqual([route, rowsBefore + 1]);
    }
  });
});
