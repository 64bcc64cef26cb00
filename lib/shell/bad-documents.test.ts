import { describe, expect, it } from 'vitest';
import { type Bad, goal, malformed, type NamedBad, REASON, testWorkspace } from '../testing/refusals.ts';
import type { Sent } from '../testing/web.ts';
import { MAX_JSON_BYTES } from './http.ts';

const { send, refuses } = await testWorkspace();
const model = (body: unknown): Pick<Bad, 'route' | 'sent'> => ({ route: 'POST /models', sent: { body } });
const kpis = (changes: object): Pick<Bad, 'route' | 'sent'> => ({
  route: 'POST /models/[name]/kpis',
  sent: { body: { ...goal, name: 'Another', reason: REASON, ...changes } },
});
const text = (body: string | Uint8Array): Sent => ({ body, headers: { 'content-type': 'application/json' } });

describe('a document that is not what it should be', () => {
  const bad: NamedBad[] = [
    { what: 'an unknown field', ...model({ name: 'a', nmae: 'b' }), ...malformed, path: 'nmae' },
    {
      what: 'an unknown field below',
      ...model({ name: 'a', owners: { chief: 'a@b.c' } }),
      ...malformed,
      path: 'owners.chief',
    },
    { what: 'a number for a name', ...model({ name: 7 }), ...malformed, path: 'name' },
    { what: 'an object for a name', ...model({ name: { $gt: '' } }), ...malformed, path: 'name' },
    { what: 'no name', ...model({}), ...malformed, path: 'name' },
    { what: 'an empty name', ...model({ name: '' }), ...malformed, path: 'name' },
    { what: 'a name of 257 characters', ...model({ name: 'x'.repeat(257) }), ...malformed, path: 'name' },
    { what: 'a name with a NUL', ...model({ name: 'a\0b' }), ...malformed, path: 'name' },
    { what: 'a name that is half a surrogate pair', ...model({ name: '\ud800' }), ...malformed, path: 'name' },
    { what: 'an unknown tier', ...model({ name: 'a', tier: 'urgent' }), ...malformed, path: 'tier' },
    { what: 'a list for a document', ...model([]), status: 400, code: 'invalid_json' },
    { what: 'null for a document', route: 'POST /models', sent: text('null'), status: 400, code: 'invalid_json' },
    { what: 'text that is no JSON', route: 'POST /models', sent: text('{"name": '), status: 400, code: 'invalid_json' },
    {
      what: 'a byte that is no UTF-8',
      route: 'POST /models',
      sent: text(Buffer.from('{"name":"caf\xe9"}', 'latin1')),
      status: 400,
      code: 'invalid_utf8',
    },
    {
      what: 'NaN',
      route: 'POST /models/[name]/kpis',
      sent: text('{"target": NaN}'),
      status: 400,
      code: 'invalid_json',
    },
    {
      what: 'Infinity',
      route: 'POST /models/[name]/kpis',
      sent: text('{"target": Infinity}'),
      status: 400,
      code: 'invalid_json',
    },
    {
      what: 'a target too large for a number',
      route: 'POST /models/[name]/kpis',
      sent: text(
        JSON.stringify({ ...goal, name: 'Another', reason: REASON, target: 1 }).replace('"target":1', '"target":1e999'),
      ),
      status: 422,
      code: 'contract_incomplete',
      path: 'target',
    },
    {
      what: 'a body over the limit',
      ...model({ name: 'a', description: 'x'.repeat(MAX_JSON_BYTES) }),
      status: 413,
      code: 'body_too_large',
    },
    {
      what: 'a signature nested beyond all walking',
      route: 'POST /models/[name]/versions',
      sent: text(`{"source":"s3://m/2","schema":${'['.repeat(10_000)}${']'.repeat(10_000)}}`),
      status: 400,
      code: 'too_deep',
    },
    { what: 'an unknown field in a goal', ...kpis({ treshold: 1 }), ...malformed, path: 'treshold' },
    { what: 'a goal without a reason', ...kpis({ reason: undefined }), ...malformed, path: 'reason' },
    {
      what: 'limits in the wrong order',
      ...kpis({ limits: { watch: 70, breach: 80 } }),
      status: 422,
      code: 'contract_incomplete',
      path: 'limits.watch',
    },
    {
      what: 'a goal on a model that is not there',
      route: 'POST /models/[name]/kpis',
      sent: { params: { name: 'nobody' }, body: { ...goal, reason: REASON } },
      status: 404,
      code: 'model_not_found',
    },
    {
      what: 'a NUL in the name of who shall look at an incident',
      route: 'POST /incidents/[id]/assign',
      sent: { params: { id: '1' }, body: { assignee: 'somebody\0@test.local' } },
      ...malformed,
      path: 'assignee',
    },
    {
      what: 'a NUL in who keeps a goal',
      ...kpis({ steward: 'a\0b' }),
      status: 422,
      code: 'contract_incomplete',
      path: 'steward',
    },
    {
      what: 'a yes for a version',
      route: 'POST /approvals',
      sent: { body: { model: 'churn', version: true, reason: REASON } },
      ...malformed,
      path: 'version',
    },
    {
      what: 'a list for a version',
      route: 'POST /approvals',
      sent: { body: { model: 'churn', version: [1], reason: REASON } },
      ...malformed,
      path: 'version',
    },
    { what: 'a model that exists', ...model({ name: 'churn' }), status: 409, code: 'model_exists' },
    { what: 'a goal whose name is taken', ...kpis({ name: 'Revenue' }), status: 409, code: 'kpi_exists' },
    {
      what: 'a path with a NUL',
      route: 'GET /models/[name]',
      sent: { params: { name: 'a\0b' } },
      status: 400,
      code: 'invalid_text',
    },
    {
      what: 'an id that is none',
      route: 'GET /kpis/[id]',
      sent: { params: { id: "1' or '1'='1" } },
      status: 404,
      code: 'kpi_not_found',
    },
    {
      what: 'a batch id of dashes',
      route: 'GET /batches/[id]',
      sent: { params: { id: '-'.repeat(36) } },
      status: 404,
      code: 'batch_not_found',
    },
    {
      what: 'a request number beyond all numbers',
      route: 'POST /approvals/[id]/withdraw',
      sent: { params: { id: '9'.repeat(19) }, body: {} },
      ...malformed,
      path: 'id',
    },
    {
      what: 'an incident number beyond all numbers',
      route: 'POST /incidents/[id]/resolve',
      sent: { params: { id: '9'.repeat(19) }, body: { cause: 'noise' } },
      ...malformed,
      path: 'id',
    },
    {
      what: 'a comment on one model that says it is on another',
      route: 'POST /comments',
      sent: { body: { model: 'another', subject: { type: 'model', id: 'churn' }, body: 'Why?' } },
      status: 404,
      code: 'model_not_found',
    },
    {
      what: 'a comment on a goal id of dashes',
      route: 'POST /comments',
      sent: { body: { subject: { type: 'kpi', id: '-'.repeat(36) }, body: 'Why?' } },
      status: 404,
      code: 'kpi_not_found',
    },
    {
      what: 'incidents of a goal id that is none',
      route: 'GET /incidents',
      sent: { query: '?kpi=7' },
      ...malformed,
      path: 'kpi',
    },
    {
      what: 'incidents in a state that is none',
      route: 'GET /incidents',
      sent: { query: '?state=bad' },
      ...malformed,
      path: 'state',
    },
    {
      what: 'a search with a NUL',
      route: 'GET /models',
      sent: { query: '?q=a%00b' },
      status: 400,
      code: 'invalid_input',
    },
    {
      what: 'a cursor beyond all numbers',
      route: 'GET /models',
      sent: { query: '?limit=1e9' },
      ...malformed,
      path: 'limit',
    },
    {
      what: 'a day that is none',
      route: 'GET /models/[name]/drift',
      sent: { query: '?from=2026-13-45' },
      ...malformed,
      path: 'from',
    },
    {
      what: 'a year before all years',
      route: 'GET /models/[name]/deployments',
      sent: { query: '?at=0000-01-01' },
      ...malformed,
      path: 'at',
    },
    {
      what: 'an object for the figures',
      route: 'POST /models/[name]/metrics',
      sent: { body: {} },
      status: 400,
      code: 'invalid_json',
    },
  ];
  it.each(bad)('$what is refused', async (bad) => {
    await refuses(bad);
  });

  it('of a hundred thousand faults the first are told, and none at length', async () => {
    const unknown = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`${n}${'x'.repeat(20)}`, n]));
    const long = { ['y'.repeat(500_000)]: 1 };
    for (const document of [
      { name: 'a', ...unknown },
      { name: 'a', owners: unknown },
      { name: 'a', ...long },
    ]) {
      const { status, body } = await send('POST /models', { body: document });
      expect(status).toBe(400);
      expect(JSON.stringify(body).length).toBeLessThan(10_000);
    }
    const goals = await send('POST /models/[name]/kpis', { body: { ...goal, ...long, reason: REASON } });
    expect(JSON.stringify(goals.body).length).toBeLessThan(10_000);
  });

  it('brackets in text are text, and what lies side by side is not deep', async () => {
    const schema = { note: `\\"${'[{'.repeat(500)}"`, many: Array.from({ length: 500 }, () => ({ a: [[]] })) };
    const answer = await send('POST /models/[name]/versions', { body: { source: 's3://m/3', schema } });
    expect(answer.status).toBe(201);
  });

  it('a figure that is none is named by its index, and the others are kept', async () => {
    const at = '2026-03-01T00:00:00Z';
    const figures = [
      { metric: 'm', value: 1, at },
      { metric: 'm', value: '1', at },
      { metric: 'm', value: 1, at: '0000-01-01T00:00:00Z' },
    ];
    const answer = await send('POST /models/[name]/metrics', { body: figures });
    expect(answer).toMatchObject({ status: 202, body: { accepted: 1, rejected: [{ index: 1 }, { index: 2 }] } });
  });
});
