import { eq, sql } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { models } from '../../db/schema/models.ts';
import { webhookDeliveries } from '../../db/schema/webhooks.ts';
import { evaluateModel } from '../incidents/jobs.ts';
import { mlflowHeaders } from '../notifications/signature.ts';
import { goal } from './refusals.ts';
import type { WORLD } from './routes.ts';
import { PASSWORD, type Sent } from './web.ts';

export type Kept = Record<string, string>;
export type Example = {
  route: string;
  as: (typeof WORLD)[number];
  status: number;
  send: (kept: Kept) => Sent;
  keep?: (body: Record<string, unknown>, kept: Kept) => void;
  before?: (kept: Kept, db: Db) => Promise<void>;
};

const idAs = (name: string) => (body: Record<string, unknown>, kept: Kept) => {
  kept[name] = String(body.id);
};

const csv = { headers: { 'content-type': 'text/csv' }, query: '?timestamp=at&id=id&score=score&label=label' };
const rows = (from: number): string => {
  const line = (_: unknown, i: number) =>
    `2026-03-0${1 + (i % 5)}T10:00:00Z,r${from + i},${(i % 10) / 10},${i % 2},${i % 7}`;
  return `at,id,score,label,age\n${Array.from({ length: 300 }, line).join('\n')}`;
};
const revenue = [1, 2, 3, 4].map((day) => ({ metric: 'revenue', value: 10, at: `2026-03-0${day}T00:00:00Z`, n: 500 }));
const contract = { ...goal, kind: 'guardrail' };
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
export const examples: readonly Example[] = [
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
    route: 'PATCH /models/[name]/contract',
    as: 'data',
    status: 200,
    send: () =>
      named({
        headers: { 'if-match': '"1"' },
        body: { columns: { age: { range: { min: 0, max: 120 } } }, reason: 'Nobody is older than that.' },
      }),
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
    keep: (body, kept) => {
      kept.labels = String(body.batchId);
    },
  },
  {
    route: 'POST /batches/[id]/cancel',
    as: 'data',
    status: 200,
    send: (kept) => ({ params: { id: kept.labels! } }),
  },
  {
    route: 'PUT /models/[name]/versions/[version]/importance',
    as: 'data',
    status: 200,
    send: () => named({ body: { method: 'gain', values: { age: 3 } } }),
  },
  {
    route: 'PUT /models/[name]/protected',
    as: 'product',
    status: 200,
    send: () => named({ body: { columns: [{ column: 'age' }], reason: 'Age discrimination is unlawful here.' } }),
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
    keep: idAs('kpi'),
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
    before: async (kept, db) => {
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
    keep: idAs('view'),
  },
  { route: 'DELETE /views/[id]', as: 'viewer', status: 200, send: (kept) => ({ params: { id: kept.view! } }) },
  {
    route: 'POST /users',
    as: 'admin',
    status: 201,
    send: () => ({ body: { email: 'new@test.local', roles: ['viewer'] } }),
    keep: idAs('user'),
  },
  {
    route: 'PATCH /users',
    as: 'admin',
    status: 200,
    send: (kept) => ({ body: { id: kept.user, roles: ['auditor'] } }),
  },
  {
    route: 'PUT /me/password',
    as: 'viewer',
    status: 200,
    send: () => ({ body: { current: PASSWORD, password: `${PASSWORD} again` } }),
  },
  {
    route: 'POST /tokens',
    as: 'data',
    status: 201,
    send: () => ({ body: { name: 'CI', scopes: ['data:write'] } }),
    keep: idAs('token'),
  },
  { route: 'DELETE /tokens/[id]', as: 'data', status: 200, send: (kept) => ({ params: { id: kept.token! } }) },
  {
    route: 'POST /tokens',
    as: 'data',
    status: 201,
    send: () => ({ body: { name: 'CI', scopes: ['data:write'] } }),
    keep: idAs('token'),
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
    status: 202,
    send: () => ({ body: { from: 'http://127.0.0.1:9', token: 'theirs' } }),
    keep: idAs('import'),
  },
  {
    route: 'POST /imports/[id]/cancel',
    as: 'admin',
    status: 200,
    send: (kept) => ({ params: { id: kept.import! }, body: {} }),
  },
  {
    route: 'POST /imports/[id]/follow',
    as: 'admin',
    status: 200,
    send: (kept) => ({ params: { id: kept.import! }, body: {} }),
    keep: (body, kept) => {
      kept.followSecret = String(body.secret);
    },
  },
  {
    route: 'POST /imports/[id]/events',
    as: 'anonymous',
    status: 202,
    send: (kept) => {
      const body = JSON.stringify({ entity: 'model_version', action: 'created', data: { name: 'churn' } });
      const headers = mlflowHeaders({ id: 'd1', at: new Date(), body }, kept.followSecret);
      return { params: { id: kept.import! }, headers, body };
    },
  },
  {
    route: 'POST /imports/models',
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
    keep: idAs('webhook'),
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
    before: async (kept, db) => {
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
    before: async (_, db) => {
      await db.update(models).set({ demo: true });
    },
  },
];
