import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { idempotencyKeys } from '../../db/schema/audit.ts';
import { MAX_UPLOAD_BYTES } from '../measurements/blobs.ts';
import {
  type Answer,
  call,
  loadRoutes,
  type Method,
  type Person,
  rowCounts,
  type Sent,
  signedIn,
  testWeb,
} from '../testing/web.ts';
import { MAX_JSON_BYTES } from './http.ts';

const { db, uploads } = await testWeb();
const routes = await loadRoutes();
const carLoan = readFileSync(join(import.meta.dirname, '../../db/demo/car-loan/monitoring.parquet'));

let admin: Person;
let kpi = '';
const REASON = 'Because the tests need it.';
const contract = {
  name: 'Revenue',
  metric: 'revenue',
  unit: 'EUR',
  direction: 'higher_is_better',
  target: 100,
  limits: { watch: 90, breach: 80 },
  window: '7d',
  minSamples: 100,
  owner: 'product@test.local',
};
const roles = '?timestamp=at&score=score&label=label';
const row = (_: unknown, i: number) => `2026-03-0${1 + (i % 5)}T10:00:00Z,${(i % 10) / 10},${i % 2},${i % 7}`;
const good = `at,score,label,age\n${Array.from({ length: 200 }, row).join('\n')}\n`;

function send(route: string, sent: Sent = {}): Promise<Answer> {
  const [method, path] = route.split(' ') as [Method, string];
  const held = routes.find((one) => one.path === `/api/v1${path}`);
  const handler = held?.handlers[method];
  if (!held || !handler) throw new Error(`there is no route ${route}`);
  return call(handler, method, held.path, {
    cookie: admin.cookie,
    ...sent,
    params: { name: 'churn', version: '1', id: kpi, ...sent.params },
  });
}

beforeAll(async () => {
  admin = await signedIn(db, 'admin', ['admin']);
  await send('POST /models', { body: { name: 'churn', tier: 'low' } });
  await send('POST /models/[name]/versions', { body: { source: 's3://m/1' } });
  const reference = await send(REFERENCE, { ...upload('text/csv', good), query: roles });
  expect(reference).toMatchObject({ status: 201, body: { rows: 200 } });
  const made = await send('POST /models/[name]/kpis', { body: { ...contract, reason: REASON } });
  expect(made.status).toBe(201);
  kpi = String(made.body.id);
});

const REFERENCE = 'PUT /models/[name]/versions/[version]/reference';
const OBSERVATIONS = 'POST /models/[name]/versions/[version]/observations';
function upload(type: string, body: string | Uint8Array | ReadableStream, headers: Record<string, string> = {}): Sent {
  return { body, headers: { 'content-type': type, ...headers }, query: roles };
}

type Bad = { what: string; route: string; sent: Sent; status: number; code: string; path?: string };

/** Refused, in the documented words, with the database and the uploads folder as they were. */
async function refuses({ route, sent, status, code, path }: Omit<Bad, 'what'>): Promise<Answer> {
  const [rows, files] = [await rowCounts(db), uploads()];
  const answer = await send(route, sent);
  expect([answer.status, answer.code, answer.body.detail]).toEqual([status, code, answer.body.detail]);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  if (path !== undefined) expect((answer.body.errors as { path: string }[]).map((error) => error.path)).toContain(path);
  expect(await rowCounts(db)).toEqual(rows);
  expect(uploads()).toEqual(files);
  return answer;
}

const model = (body: unknown): Pick<Bad, 'route' | 'sent'> => ({ route: 'POST /models', sent: { body } });
const kpis = (changes: object): Pick<Bad, 'route' | 'sent'> => ({
  route: 'POST /models/[name]/kpis',
  sent: { body: { ...contract, name: 'Another', reason: REASON, ...changes } },
});
const malformed = { status: 400, code: 'invalid_input' };
const text = (body: string | Uint8Array): Sent => ({ body, headers: { 'content-type': 'application/json' } });

describe('a document that is not what it should be', () => {
  const bad: Bad[] = [
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
        JSON.stringify({ ...contract, name: 'Another', reason: REASON, target: 1 }).replace(
          '"target":1',
          '"target":1e999',
        ),
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
      sent: { params: { name: 'nobody' }, body: { ...contract, reason: REASON } },
      status: 404,
      code: 'model_not_found',
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
      code: 'invalid_text',
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

const cut = (content: Uint8Array): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => controller.enqueue(content),
    pull: (controller) => controller.error(new Error('the line went dead')),
  });
const bytes = (content: string) => new TextEncoder().encode(content);

describe('a file that is not what it should be', () => {
  const bad: Bad[] = [
    {
      what: 'an upload cut in the middle',
      route: OBSERVATIONS,
      sent: upload('text/csv', cut(bytes(good))),
      status: 400,
      code: 'upload_cut_off',
    },
    {
      what: 'a body shorter than it said',
      route: OBSERVATIONS,
      sent: upload('text/csv', good, { 'content-length': String(good.length + 10) }),
      status: 400,
      code: 'upload_cut_off',
    },
    {
      what: 'a body that says it is too large',
      route: OBSERVATIONS,
      sent: upload('text/csv', good, { 'content-length': String(MAX_UPLOAD_BYTES + 1) }),
      status: 413,
      code: 'upload_too_large',
    },
    {
      what: 'a type nobody reads',
      route: OBSERVATIONS,
      sent: upload('application/pdf', good),
      status: 415,
      code: 'unsupported_type',
    },
    {
      what: 'a misspelled role',
      route: OBSERVATIONS,
      sent: { ...upload('text/csv', good), query: '?timestmp=at' },
      ...malformed,
      path: 'timestmp',
    },
    {
      what: 'a role given twice',
      route: OBSERVATIONS,
      sent: { ...upload('text/csv', good), query: '?score=a&score=b' },
      ...malformed,
      path: 'score',
    },
    {
      what: 'a version that is not there',
      route: OBSERVATIONS,
      sent: { ...upload('text/csv', good), params: { version: '9' } },
      status: 404,
      code: 'version_not_found',
    },
    {
      what: 'a wait that is none',
      route: OBSERVATIONS,
      sent: { ...upload('text/csv', good), query: `${roles}&wait=-1` },
      ...malformed,
      path: 'wait',
    },
    {
      what: 'a cut reference',
      route: REFERENCE,
      sent: upload('text/csv', cut(bytes(good))),
      status: 400,
      code: 'upload_cut_off',
    },
  ];
  it.each(bad)('$what is refused and nothing of it is kept', async (bad) => {
    await refuses(bad);
  });

  const unread: { what: string; sent: Sent; code: string }[] = [
    { what: 'an empty file', sent: upload('text/csv', ''), code: 'empty_file' },
    { what: 'a header without rows', sent: upload('text/csv', 'at,score,label,age\n'), code: 'no_rows' },
    {
      what: 'a truncated Parquet file',
      sent: upload('application/vnd.apache.parquet', carLoan.subarray(0, 100_000)),
      code: 'truncated_parquet',
    },
    { what: 'a NUL byte', sent: upload('text/csv', good.replace('0.5', '\0')), code: 'nul_byte' },
    {
      what: 'invalid UTF-8',
      sent: upload('text/csv', Buffer.concat([Buffer.from(good), Buffer.from([0xff, 0x0a])])),
      code: 'invalid_utf8',
    },
    {
      what: 'a score that is not a number',
      sent: upload('text/csv', good.replace(',0.5,', ',NaN,')),
      code: 'not_finite',
    },
    {
      what: 'a score that is infinite',
      sent: upload('text/csv', good.replace(',0.5,', ',Infinity,')),
      code: 'not_finite',
    },
  ];
  it.each(unread)('a reference with $what says so, and the one before stays', async ({ sent, code }) => {
    const [before, files] = [await rowCounts(db), uploads()];
    const answer = await send(REFERENCE, sent);
    expect([answer.status, answer.code, answer.body.detail]).toEqual([422, code, answer.body.detail]);
    const after = await rowCounts(db);
    // What is left is that somebody tried: a failed batch, told in the trail, and no file.
    const tried = ['batches', 'audit_events', 'audit_heads', 'outbox'];
    const measured = (counts: Record<string, number>) =>
      Object.entries(counts).filter(([table]) => !tried.includes(table));
    expect(measured(after)).toEqual(measured(before));
    expect(after.batches).toBe(before.batches! + 1);
    expect(uploads()).toEqual(files);
    const batch = await send('GET /batches/[id]', { params: { id: String(answer.body.batchId) } });
    expect(batch.body).toMatchObject({ state: 'failed', errors: [{ code }] });
  });

  it('observations with a renamed column fail, naming it, and no window is made of them', async () => {
    const { processBatch } = await import('../incidents/jobs.ts');
    const sent = await send(OBSERVATIONS, upload('text/csv', good.replace('age', 'years')));
    expect(sent.status).toBe(202);
    const [before, files] = [await rowCounts(db), uploads()];
    await processBatch(db, String(sent.body.batchId));
    const batch = await send('GET /batches/[id]', { params: { id: String(sent.body.batchId) } });
    expect(batch.body).toMatchObject({ state: 'failed', errors: [{ code: 'column_missing', column: 'age' }] });
    const after = await rowCounts(db);
    expect([after.windows, after.window_contributions]).toEqual([before.windows, before.window_contributions]);
    expect(uploads().length).toBeLessThan(files.length);
  });
});

describe('two people at one document', () => {
  const patch = (
    headers: Record<string, string>,
    body: object = { target: 120, reason: REASON },
  ): Omit<Bad, 'what' | 'status' | 'code'> => ({
    route: 'PATCH /kpis/[id]',
    sent: { headers, body },
  });

  it('a change without If-Match is asked for it', async () => {
    await refuses({ ...patch({}), status: 428, code: 'if_match_missing' });
    await refuses({
      route: 'PATCH /models/[name]',
      sent: { body: { title: 'x' } },
      status: 428,
      code: 'if_match_missing',
    });
    await refuses({ ...patch({ 'if-match': 'yesterday' }), status: 400, code: 'if_match_invalid' });
  });

  it('the second of two gets a conflict with what stands now, and changes nothing', async () => {
    const seen = await send('GET /kpis/[id]');
    const etag = seen.headers.get('etag')!;
    expect(await send('PATCH /kpis/[id]', patch({ 'if-match': etag }).sent)).toMatchObject({ status: 200 });
    const answer = await refuses({ ...patch({ 'if-match': etag }), status: 412, code: 'version_moved' });
    expect(answer.body.current).toMatchObject({ contract: { target: 120 } });
    await refuses({
      route: 'DELETE /kpis/[id]',
      sent: { headers: { 'if-match': etag }, body: { reason: REASON } },
      status: 412,
      code: 'version_moved',
    });
    const stale: Sent = { headers: { 'if-match': '"99"' }, body: { title: 'x' } };
    await refuses({ route: 'PATCH /models/[name]', sent: stale, status: 412, code: 'version_moved' });
  });
});

describe('a request sent twice', () => {
  const post = (key: string, body: unknown): Sent => ({ headers: { 'idempotency-key': key }, body });
  const version = 'POST /models/[name]/versions';

  it('with the same key and body gets the stored answer and does nothing', async () => {
    const first = await send(version, post('twice', { source: 's3://m/2' }));
    const rows = await rowCounts(db);
    const again = await send(version, post('twice', { source: 's3://m/2' }));
    expect([first.status, again.status, again.body]).toEqual([201, 201, first.body]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await rowCounts(db)).toEqual(rows);
  });

  it('with the same key and another body is refused', async () => {
    await refuses({
      route: version,
      sent: post('twice', { source: 's3://m/3' }),
      status: 422,
      code: 'idempotency_key_reused',
    });
  });

  it('while the first is still running is a conflict', async () => {
    const { sha256 } = await import('../base/hash.ts');
    const body = { source: 's3://m/4' };
    const requestHash = sha256(`/api/v1/models/churn/versions\n${sha256(JSON.stringify(body))}`);
    await db.insert(idempotencyKeys).values({ actorId: admin.id, key: 'running', requestHash, createdAt: new Date() });
    await refuses({ route: version, sent: post('running', body), status: 409, code: 'still_running' });
  });

  it('of two at once exactly one does it', async () => {
    const before = await rowCounts(db);
    const answers = await Promise.all([1, 2, 3].map(() => send(version, post('at once', { source: 's3://m/5' }))));
    expect(answers.map(({ status }) => status).filter((status) => status !== 201 && status !== 409)).toEqual([]);
    expect((await rowCounts(db)).model_versions).toBe(before.model_versions! + 1);
  });

  it('after a refusal may be sent again, corrected', async () => {
    await refuses({ route: version, sent: post('refused', { source: '' }), ...malformed, path: 'source' });
    expect(await send(version, post('refused', { source: 's3://m/6' }))).toMatchObject({ status: 201 });
  });

  it('and with a secret in the first answer does not show it again', async () => {
    const token = post('secret', { name: 'CI', scopes: ['data:write'] });
    expect((await send('POST /tokens', token)).body.token).toMatch(/^plb_/);
    await refuses({ route: 'POST /tokens', sent: token, status: 409, code: 'answer_shown_once' });
  });

  it('with a key that is too long is malformed', async () => {
    await refuses({ route: version, sent: post('k'.repeat(201), {}), status: 400, code: 'idempotency_key_invalid' });
  });

  it('the same file twice is one batch and one file', async () => {
    const first = await send(OBSERVATIONS, upload('text/csv', good));
    const [rows, files] = [await rowCounts(db), uploads()];
    const again = await send(OBSERVATIONS, upload('text/csv', good));
    expect([again.status, again.body.batchId]).toEqual([202, first.body.batchId]);
    expect(await rowCounts(db)).toEqual(rows);
    expect(uploads()).toEqual(files);
  });
});
