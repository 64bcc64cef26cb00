import { sql } from 'drizzle-orm';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { idempotencyKeys } from '../../db/schema/audit.ts';
import { sha256 } from '../base/hash.ts';
import { type Bad, goodCsv, malformed, OBSERVATIONS, REASON, testWorkspace, upload } from '../testing/refusals.ts';
import { rowCounts, type Sent } from '../testing/web.ts';
import { withIdempotency } from './idempotency.ts';

const { db, uploads, admin, send, refuses } = await testWorkspace();

describe('two people at one document', () => {
  const patch = (
    headers: Record<string, string>,
    body: object = { target: 120, reason: REASON },
  ): Pick<Bad, 'route' | 'sent'> => ({
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

it('an emptied limit is taken away, and one left out is kept', async () => {
  const change = async (limits: object) => {
    const { headers } = await send('GET /kpis/[id]');
    const sent = { headers: { 'if-match': headers.get('etag')! }, body: { limits, reason: REASON } };
    const answer = await send('PATCH /kpis/[id]', sent);
    return answer.body.contract;
  };
  expect(await change({ breach: 70 })).toMatchObject({ limits: { watch: 90, breach: 70 } });
  expect(await change({ watch: null })).toHaveProperty('limits', { breach: 70 });
  expect(await change({ watch: 85 })).toMatchObject({ limits: { watch: 85, breach: 70 } });
});

/** After this a claim without an answer counts as left by somebody who died. */
const LATER_MS = 61_000;

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

  it('is not done again where its answer could not be kept: the second is told so', async () => {
    const comment = post('unkept', { subject: { type: 'model', id: 'churn' }, body: 'Once.' });
    const say = () => send('POST /comments', comment);
    const before = await rowCounts(db);
    const lost = vi.spyOn(console, 'error').mockImplementation(() => {});
    await db.execute(sql`create trigger keeps_nothing before update on idempotency_keys
      for each row execute function refuse_change()`);
    onTestFinished(async () => {
      vi.useRealTimers();
      lost.mockRestore();
      await db.execute(sql`drop trigger keeps_nothing on idempotency_keys`);
    });
    expect(await say()).toMatchObject({ status: 201, body: { body: 'Once.' } });
    expect(lost).toHaveBeenCalledOnce();
    expect(await say()).toMatchObject({ status: 409, code: 'still_running' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + LATER_MS });
    expect(await say()).toMatchObject({ status: 409, code: 'answer_lost' });
    expect((await rowCounts(db)).comments).toBe(before.comments! + 1);
  });

  it('is done where the first died before it did anything', async () => {
    const body = { subject: { type: 'model', id: 'churn' }, body: 'Anew.' };
    const requestHash = sha256(`/api/v1/comments\n${sha256(JSON.stringify(body))}`);
    const createdAt = new Date(Date.now() - LATER_MS);
    await db.insert(idempotencyKeys).values({ actorId: admin.id, key: 'died', requestHash, createdAt });
    expect(await send('POST /comments', post('died', body))).toMatchObject({ status: 201 });
  });

  it.each(['fails', 'answers'])('by somebody slow that %s late leaves the answer of who took over', async (end) => {
    const claim = { db, actorId: admin.id, key: `slow ${end}`, path: '/', body: new Uint8Array(), secret: false };
    const now = new Date();
    const later = { ...claim, now: new Date(now.getTime() + LATER_MS) };
    const answer = (body: string) => ({ status: 201, headers: {}, body });
    const slow = withIdempotency({ ...claim, now }, async () => {
      await withIdempotency(later, async () => answer('the second'));
      if (end === 'fails') throw new Error('too late');
      return answer('the first');
    });
    await slow.catch(() => {});
    expect(await withIdempotency(later, async () => answer('a third'))).toMatchObject({ body: 'the second' });
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
    const first = await send(OBSERVATIONS, upload('text/csv', goodCsv));
    const [rows, files] = [await rowCounts(db), uploads()];
    const again = await send(OBSERVATIONS, upload('text/csv', goodCsv));
    expect([again.status, again.body.batchId]).toEqual([202, first.body.batchId]);
    expect(await rowCounts(db)).toEqual(rows);
    expect(uploads()).toEqual(files);
  });
});
