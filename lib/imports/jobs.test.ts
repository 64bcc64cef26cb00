import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { imports } from '../../db/schema/imports.ts';
import { type Actor, ANONYMOUS } from '../access/schema.ts';
import { deleteModel } from '../models/commands/delete.ts';
import { setTag } from '../models/commands/set-tag.ts';
import { findModel, getModel, listVersions } from '../models/queries.ts';
import { mlflowHeaders } from '../notifications/signature.ts';
import { type Command, execute } from '../shell/command.ts';
import { testDatabase } from '../testing/database.ts';
import { person } from '../testing/people.ts';
import { cancelImport } from './commands/cancel.ts';
import { followImport } from './commands/follow.ts';
import { receiveEvent } from './commands/receive.ts';
import { startImport } from './commands/start.ts';
import { importNamed, runImport } from './jobs.ts';
import { getImport, viewImport } from './queries.ts';

process.env.AUTH_SECRET = 'a secret that only these tests know';
process.env.OUTBOUND_ALLOW = '127.0.0.1';
const { db } = await testDatabase();

type Model = { name: string; tags?: { key: string; value: string }[]; versions: number };
/** A registry of the other kind, as far as an import asks for it. */
const theirs: { models: Model[]; asked: string[]; status: number; before: (path: string) => Promise<void> | void } = {
  models: [],
  asked: [],
  status: 200,
  before: () => {},
};
const server = createServer(async (request, response) => {
  const url = new URL(request.url!, 'http://x');
  const path = url.pathname.replace('/api/2.0/mlflow/', '');
  theirs.asked.push(`${request.headers.authorization ?? ''} ${path} ${url.searchParams.get('name') ?? ''}`.trim());
  await theirs.before(path);
  const found = answerTo(path, url.searchParams);
  const status = theirs.status === 200 ? (found ? 200 : 404) : theirs.status;
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(found ?? {}));
});

function answerTo(path: string, query: URLSearchParams): object | undefined {
  const at = { creation_timestamp: Date.UTC(2024, 1, 1), last_updated_timestamp: Date.UTC(2024, 1, 2) };
  const wire = ({ name, tags = [] }: Model) => ({ name, tags, ...at });
  if (path === 'registered-models/search')
    return { registered_models: query.get('filter') ? [] : theirs.models.map(wire) };
  const name = query.get('name') ?? /name = '([^']*)'/.exec(query.get('filter') ?? '')?.[1];
  const model = theirs.models.find((one) => one.name === name);
  if (path === 'registered-models/get') return model && { registered_model: wire(model) };
  if (path !== 'model-versions/search' || !model) return undefined;
  const version = (_: unknown, i: number) => ({ name, version: String(i + 1), source: `s3://b/${i}`, ...at });
  return { model_versions: Array.from({ length: model.versions }, version) };
}

let from = '';
let admin: Actor;
let data: Actor;
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  from = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  [admin, data] = [await person(db, 'admin', ['admin']), await person(db, 'data', ['data'])];
});
afterAll(() => void server.close());
beforeEach(async () => {
  Object.assign(theirs, { models: [], asked: [], status: 200, before: () => {} });
  await db.delete(imports);
});

const run = <I, V>(command: Command<I, V>, input: object, actor = admin) => execute(command, input, { db, actor });
const view = async (id: string) => viewImport(await getImport(db, id));
const work = (id: string) => runImport(db, id, [1]);
const names = (prefix: string, versions = 1): Model[] =>
  ['a', 'b', 'c'].map((letter) => ({ name: `${prefix}-${letter}`, versions }));

describe('an import', () => {
  it('brings every model over and tells how far it is', async () => {
    theirs.models = names('whole', 2);
    const { id, state, models } = await run(startImport, { from: `${from}/` });
    expect([state, models.total]).toEqual(['queued', null]);
    const jobs = await db.execute<{ payload: string }>(sql`select payload from outbox where job = 'import'`);
    expect(jobs.map(({ payload }) => JSON.parse(payload) as object)).toContainEqual({ importId: id });
    await work(id);
    expect(await view(id)).toMatchObject({
      from,
      state: 'finished',
      models: { total: 3, done: 3, created: 3 },
      versions: { added: 6 },
      conflictCount: 0,
      failureCount: 0,
      startedBy: 'admin',
    });
    const versions = await listVersions(db, (await getModel(db, 'whole-b')).id);
    expect(versions.map(({ version, createdBy }) => [version, createdBy])).toEqual([
      [2, 'Import by admin'],
      [1, 'Import by admin'],
    ]);
  });

  it('lists what differs and what could not be brought over, and goes on', async () => {
    theirs.models = [...names('differ'), { name: 'differ-"\'', versions: 1 }];
    await work((await run(startImport, { from })).id);
    await run(setTag, { name: 'differ-a', key: 'team', value: 'ours' });
    theirs.models[0]!.tags = [{ key: 'team', value: 'theirs' }];
    const { id } = await run(startImport, { from });
    await work(id);
    expect(await view(id)).toMatchObject({
      state: 'finished',
      models: { done: 4, created: 0 },
      conflictCount: 1,
      conflicts: [{ model: 'differ-a', what: 'tag team', held: 'ours', offered: 'theirs' }],
      failureCount: 1,
      failures: [{ model: 'differ-"\'', message: expect.stringContaining('quotes') }],
    });
  });

  it('stops when it is cancelled and goes on from there when it is started again', async () => {
    theirs.models = names('stop');
    const { id } = await run(startImport, { from });
    theirs.before = async (path) => {
      const isSecond = theirs.asked.filter((line) => line.includes('registered-models/get')).length === 2;
      if (isSecond && path === 'registered-models/get') await run(cancelImport, { id });
    };
    await work(id);
    expect(await view(id)).toMatchObject({ state: 'cancelled', models: { total: 3, done: 1 } });
    expect(await findModel(db, 'stop-c')).toBeUndefined();
    theirs.before = () => {};
    theirs.asked = [];
    const again = await run(startImport, { from });
    expect([again.id, again.state]).toEqual([id, 'queued']);
    await work(id);
    expect(await view(id)).toMatchObject({ state: 'finished', models: { total: 3, done: 3 } });
    expect(theirs.asked.filter((line) => line.endsWith('stop-a'))).toEqual([]);
  });

  it('changes nothing the second time, and adds what is new', async () => {
    theirs.models = names('again');
    await work((await run(startImport, { from })).id);
    theirs.models[1]!.versions = 2;
    const second = await run(startImport, { from });
    await work(second.id);
    expect(await view(second.id)).toMatchObject({ models: { done: 3, created: 0 }, versions: { added: 1 } });
    await work(second.id);
    expect((await view(second.id)).models.done).toBe(3);
  });

  it('fails in words when the server stays away, and can be started again', async () => {
    theirs.status = 503;
    const { id } = await run(startImport, { from });
    await work(id);
    expect(await view(id)).toMatchObject({ state: 'failed', error: 'The server cannot be read. It answered 503.' });
    theirs.status = 200;
    theirs.models = names('late');
    expect((await run(startImport, { from })).id).toBe(id);
    await work(id);
    expect(await view(id)).toMatchObject({ state: 'finished', error: null, models: { done: 3 } });
    await run(deleteModel, { name: 'late-a' });
  });
});

describe('the token of the other server', () => {
  it('is sent, kept sealed, shown to nobody and gone at the end', async () => {
    const answer = await run(startImport, { from, token: 'their-secret' });
    expect([answer.authenticated, JSON.stringify(answer).includes('their-secret')]).toEqual([true, false]);
    expect((await getImport(db, answer.id)).token).toMatch(/^v1\./);
    await work(answer.id);
    expect(theirs.asked[0]).toBe('Bearer their-secret registered-models/search');
    expect((await getImport(db, answer.id)).token).toBeNull();
    const [row] = await db.execute<{ n: number }>(
      sql`select count(*)::int as n from audit_events where body like '%their-secret%'`,
    );
    expect(row!.n).toBe(0);
  });

  it('is sent as HTTP Basic when it is a name and a password, and a refused one is told', async () => {
    theirs.status = 401;
    const { id } = await run(startImport, { from, token: 'ada:pw' });
    await work(id);
    expect(theirs.asked).toEqual([`Basic ${btoa('ada:pw')} registered-models/search`]);
    expect((await view(id)).error).toContain('401');
  });
});

describe('following', () => {
  const event = (action = 'created', name = 'follow-a') =>
    JSON.stringify({ entity: 'model_version', action, timestamp: 'now', data: { name, version: '2' } });
  const receive = (id: string, secret: string, body: string, at = new Date()) => {
    const headers = mlflowHeaders({ id: 'd1', at, body }, secret);
    const timestamp = headers['X-MLflow-Timestamp']!;
    const signature = headers['X-MLflow-Signature']!;
    return run(receiveEvent, { id, deliveryId: 'd1', timestamp, signature, body }, ANONYMOUS);
  };
  const named = () => db.execute<{ payload: string }>(sql`select payload from outbox where job = 'import-model'`);

  it('brings over the one model that a signed webhook names', async () => {
    theirs.models = names('follow');
    const { id } = await run(startImport, { from, token: 'kept' });
    const { secret, path, events } = await run(followImport, { id });
    expect([path, events]).toEqual([`/api/v1/imports/${id}/events`, expect.arrayContaining(['model_version.created'])]);
    await work(id);
    expect(await view(id)).toMatchObject({ state: 'finished', following: true, authenticated: true });
    theirs.models[0]!.versions = 2;
    expect(await receive(id, secret, event())).toEqual({ accepted: true });
    const [job] = await named();
    expect(JSON.parse(job!.payload)).toEqual({ importId: id, model: 'follow-a' });
    theirs.asked = [];
    await importNamed(db, id, 'follow-a', [1]);
    expect(await listVersions(db, (await getModel(db, 'follow-a')).id)).toHaveLength(2);
    expect(theirs.asked.filter((line) => line.includes('follow-b'))).toEqual([]);
  });

  it('takes nothing that is not signed with the newest secret, is too old, or tells of something else', async () => {
    const { id } = await run(startImport, { from });
    await expect(receive(id, 'x', event())).rejects.toMatchObject({ kind: 'not_found' });
    const { secret: old } = await run(followImport, { id });
    const { secret } = await run(followImport, { id });
    const before = (await named()).length;
    const refused = { kind: 'unauthenticated', code: 'bad_signature' };
    await expect(receive(id, old, event())).rejects.toMatchObject(refused);
    await expect(receive(id, secret, event(), new Date(Date.now() - 600_000))).rejects.toMatchObject(refused);
    expect(await receive(id, secret, event('deleted'))).toEqual({ accepted: false });
    expect(await receive(id, secret, 'no json')).toEqual({ accepted: false });
    expect((await named()).length).toBe(before);
    await expect(run(followImport, { id }, data)).rejects.toMatchObject({ kind: 'forbidden' });
  });
});

describe('who may', () => {
  it('start one: an administrator, and not twice at a time', async () => {
    await expect(run(startImport, { from }, data)).rejects.toMatchObject({ kind: 'forbidden' });
    const { id } = await run(startImport, { from });
    await expect(run(startImport, { from: `${from}//` })).rejects.toMatchObject({ code: 'import_running' });
    await expect(run(cancelImport, { id }, data)).rejects.toMatchObject({ kind: 'forbidden' });
    expect((await run(cancelImport, { id })).state).toBe('cancelled');
    expect((await run(cancelImport, { id })).state).toBe('cancelled');
    await work(id);
    expect((await view(id)).state).toBe('cancelled');
  });

  it.each(['http://10.0.0.1', 'https://localhost:5000', 'ftp://x.example', 'nothing', 'https://a:b@x.example'])(
    'be asked: not %s',
    async (address) => {
      await expect(run(startImport, { from: address })).rejects.toMatchObject({ kind: 'malformed' });
    },
  );
});
