import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { beforeAll, expect, test, vi } from 'vitest';
import { DELETE, GET, PATCH, POST } from '../../app/api/2.0/mlflow/[...path]/route.ts';
import { getDatabase } from '../../db/client.ts';
import { SCOPES } from '../access/schema.ts';
import { updateModel } from '../models/commands/update.ts';
import { execute } from '../shell/command.ts';
import { bearer, call, type Person, signedIn, testWeb } from '../testing/web.ts';
import { endpoints, policies } from './endpoints.ts';
import { readModel } from './queries/rows.ts';

type Wire = { status: number; body: Record<string, unknown> };
const verbs = { GET, POST, PATCH, DELETE };

const { db } = await testWeb();
let authorization: string;
let data: Person;
beforeAll(async () => {
  data = await signedIn(db, 'data', ['data']);
  authorization = await bearer(db, data, [...SCOPES]);
});

async function send(address: string, message: object = {}, as: string | undefined = authorization): Promise<Wire> {
  const [method, path] = address.split(' ') as [keyof typeof verbs, string];
  const text = (one: unknown) => (typeof one === 'object' ? JSON.stringify(one) : String(one));
  const pairs = Object.entries(message).flatMap(([key, value]) => [value].flat().map((one) => [key, text(one)]));
  const { status, body } = await call(verbs[method], method, '/api/2.0/mlflow/[...path]', {
    params: { path: path.split('/') },
    headers: as ? { authorization: as } : {},
    ...(method === 'GET' ? { query: `?${new URLSearchParams(pairs)}` } : { body: message }),
  });
  return { status, body };
}

async function ok(address: string, message: object = {}): Promise<Record<string, never>> {
  const { status, body } = await send(address, message);
  expect([status, body.message]).toEqual([200, undefined]);
  return body as Record<string, never>;
}

const no = async (address: string, message: object) => {
  const { status, body } = await send(address, message);
  return [status, body.error_code, body.message];
};

const fresh = (): string => `m ${randomBytes(6).toString('hex')}`;
async function model(versions = 0, tags: object[] = []): Promise<string> {
  const name = fresh();
  await ok('POST registered-models/create', { name, tags });
  for (let n = 0; n < versions; n += 1) await ok('POST model-versions/create', { name, source: `s3://b/${n}` });
  return name;
}

test('every row has a policy of its own', () => {
  expect(endpoints).toHaveLength(28);
  expect(Object.keys(policies)).toHaveLength(28);
});

test('a model is registered with versions, tags and aliases, and read back', async () => {
  const name = await model(2, [{ key: 'team', value: 'risk' }]);
  await ok('POST registered-models/alias', { name, alias: 'best', version: '1' });
  const { registered_model } = await ok('GET registered-models/get', { name });
  expect(registered_model).toMatchObject({
    name,
    tags: [{ key: 'team', value: 'risk' }],
    aliases: [{ alias: 'best', version: '1' }],
    latest_versions: [{ name, version: '2', status: 'READY', current_stage: 'None', run_id: '', source: 's3://b/1' }],
  });
  expect(registered_model).not.toHaveProperty('description');
  const { model_version } = await ok('GET registered-models/alias', { name, alias: 'best' });
  expect(model_version).toMatchObject({ version: '1', aliases: ['best'] });
});

test('failures have the codes and words that clients know', async () => {
  const name = await model(1);
  const at = { name, version: '1' };
  const gone = `Model Version (name=${name}, version=9) not found`;
  const [bad, missing] = ['INVALID_PARAMETER_VALUE', 'RESOURCE_DOES_NOT_EXIST'];
  const taken = `Registered Model (name=${name}) already exists.`;
  expect(await no('POST registered-models/create', { name })).toEqual([400, 'RESOURCE_ALREADY_EXISTS', taken]);
  const other = await model();
  expect(await no('POST registered-models/rename', { name: other, new_name: name })).toEqual([
    400,
    'RESOURCE_ALREADY_EXISTS',
    taken,
  ]);
  expect(await no('GET registered-models/get', { name: 'nix' })).toEqual([
    404,
    missing,
    'Registered Model with name=nix not found',
  ]);
  expect(await no('DELETE registered-models/delete', { name: 'nix' })).toEqual([
    404,
    missing,
    'Registered Model with name=nix not found',
  ]);
  expect(await no('GET model-versions/get', { name, version: '9' })).toEqual([404, missing, gone]);
  expect(await no('POST model-versions/set-tag', { name: 'nix', version: '1', key: 'k', value: 'v' })).toEqual([
    404,
    missing,
    'Model Version (name=nix, version=1) not found',
  ]);
  expect(await no('POST registered-models/alias', { name, alias: 'a', version: '9' })).toEqual([404, missing, gone]);
  expect(await no('GET registered-models/alias', { name, alias: 'a' })).toEqual([
    400,
    bad,
    'Registered model alias a not found.',
  ]);
  expect(await no('GET model-versions/get', { name, version: 'abc' })).toEqual([
    400,
    bad,
    "Parameter 'version' must be an integer, got 'abc'.",
  ]);
  expect((await no('POST registered-models/alias', { name, alias: 'latest', version: '1' })).slice(0, 2)).toEqual([
    400,
    bad,
  ]);
  expect((await no('POST model-versions/set-tag', { ...at, key: '../x', value: 'v' })).slice(0, 2)).toEqual([400, bad]);
  expect((await no('POST model-versions/create', { name, source: '/home/me/model' })).slice(0, 2)).toEqual([400, bad]);
  expect((await no('POST model-versions/create', { name, source: 's3://b/%252e%252e/x' })).slice(0, 2)).toEqual([
    400,
    bad,
  ]);
  expect(
    (
      await no('POST model-versions/transition-stage', { ...at, stage: 'Archived', archive_existing_versions: true })
    ).slice(0, 2),
  ).toEqual([400, bad]);
  expect((await no('POST registered-models/create', { name: 'x'.repeat(257) })).slice(0, 2)).toEqual([400, bad]);
  expect((await no('POST registered-models/list', { name })).slice(0, 2)).toEqual([404, 'ENDPOINT_NOT_FOUND']);
  expect((await send('GET registered-models/get', { name }, '')).body.error_code).toBe('UNAUTHENTICATED');
});

test('prompts stay out of searches that do not ask for them, and say who holds their name', async () => {
  const prompt = await model(0, [{ key: 'mlflow.prompt.is_prompt', value: 'true' }]);
  const find = async (filter: string) =>
    ((await ok('GET registered-models/search', { filter })).registered_models ?? []) as unknown[];
  expect(await find(`name = '${prompt}' AND tag.\`mlflow.prompt.is_prompt\` != 'true'`)).toHaveLength(0);
  expect(await find(`name = '${prompt}'`)).toHaveLength(0);
  expect(await find(`name = '${prompt}' AND tags.\`mlflow.prompt.is_prompt\` = 'true'`)).toHaveLength(1);
  expect((await no('POST registered-models/create', { name: prompt }))[2]).toMatch(/already taken by a prompt/);
});

test('a search finds by name, tag, run and number, with aliases, page by page', async () => {
  const name = await model(0, [{ key: 'city', value: 'Oslo' }]);
  for (const run_id of ['aa', 'bb', 'cc'])
    await ok('POST model-versions/create', { name, source: 's3://b', run_id, tags: [{ key: 'run', value: run_id }] });
  await ok('POST registered-models/alias', { name, alias: 'best', version: '2' });
  const models = async (filter: string) =>
    ((await ok('GET registered-models/search', { filter })).registered_models ?? []) as { name: string }[];
  for (const filter of ["tags.city = 'Oslo'", "tags.city ILIKE 'oS%'", "tags.city != 'Rome' AND name LIKE 'm %'"])
    expect((await models(filter)).map((found) => found.name)).toContain(name);
  expect(await models(`tags.town != 'x' AND name = '${name}'`)).toEqual([]);
  expect(await models("name LIKE 'a\\'")).toEqual([]);
  const versions = async (rest: string, more: object = {}) => {
    const body = await ok('GET model-versions/search', { filter: `name = '${name}'${rest}`, ...more });
    return [((body.model_versions ?? []) as { version: string }[]).map(({ version }) => version), body.next_page_token];
  };
  expect(await versions(" AND run_id IN ('aa', 'cc')", { order_by: 'version_number ASC' })).toEqual([
    ['1', '3'],
    undefined,
  ]);
  expect(await versions(" AND version_number > 1 AND tags.run = 'bb'")).toEqual([['2'], undefined]);
  const [first, next] = await versions('', { max_results: 2 });
  expect(first).toEqual(['3', '2']);
  expect(await versions('', { max_results: 2, page_token: next })).toEqual([['1'], undefined]);
  const { model_versions } = await ok('GET model-versions/search', { filter: `name='${name}' AND version_number = 2` });
  expect(model_versions).toMatchObject([{ aliases: ['best'], tags: [{ key: 'run', value: 'bb' }] }]);
  for (const message of [
    { max_results: 0 },
    { max_results: 1001 },
    { order_by: ['name', 'name'] },
    { page_token: '~' },
  ])
    expect((await send('GET registered-models/search', message)).status).toBe(400);
});

test('deleting a version takes its aliases along, and its number is never given again', async () => {
  const name = await model(2);
  await ok('POST registered-models/alias', { name, alias: 'best', version: '2' });
  await ok('DELETE model-versions/delete', { name, version: '2' });
  expect((await no('GET registered-models/alias', { name, alias: 'best' }))[0]).toBe(400);
  const { model_version } = await ok('POST model-versions/create', { name, source: 's3://b/new' });
  expect(model_version).toMatchObject({ version: '3' });
});

test('a model address as a source is resolved once, a logged model stays as it is', async () => {
  const name = await model(1);
  const copy = await model();
  await ok('POST model-versions/create', { name: copy, source: `models:/${name}/1` });
  const id = 'm-0123456789abcdef0123456789abcdef';
  const { model_version } = await ok('POST model-versions/create', {
    name: copy,
    source: `models:/${id}`,
    model_id: id,
  });
  expect(model_version).toMatchObject({ source: `models:/${id}`, model_id: id, run_id: '' });
  const uri = async (version: string) =>
    (await ok('GET model-versions/get-download-uri', { name: copy, version })).artifact_uri;
  expect([await uri('1'), await uri('2')]).toEqual(['s3://b/0', `models:/${id}`]);
});

test('what serves moves with an approval only', async () => {
  const name = await model(1);
  const guarded = async () =>
    (await no('POST registered-models/alias', { name, alias: 'champion', version: '1' })).slice(0, 2);
  await execute(updateModel, { name, tier: 'high' }, { db, actor: data });
  expect(await guarded()).toEqual([403, 'PERMISSION_DENIED']);
  const stage = { name, version: '1', stage: 'production', archive_existing_versions: true };
  expect((await no('POST model-versions/transition-stage', stage)).slice(0, 2)).toEqual([403, 'PERMISSION_DENIED']);
  await ok('POST model-versions/transition-stage', { ...stage, stage: 'staging' });
});

test('of many first registrations one makes the model and every one gets its version', async () => {
  const name = fresh();
  const made = await Promise.all(Array.from({ length: 16 }, () => send('POST registered-models/create', { name })));
  expect(made.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(made.filter(({ body }) => body.error_code === 'RESOURCE_ALREADY_EXISTS')).toHaveLength(15);
  const versions = await Promise.all(
    Array.from({ length: 32 }, () => send('POST model-versions/create', { name, source: 's3://b' })),
  );
  const numbers = versions.map(({ body }) => Number((body.model_version as { version: string })?.version));
  expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 32 }, (_, n) => n + 1));
});

const PAGE = { max_results: 100 };

test('who asks and what they ask for is read in one statement, known or not; a page whose messages are not kept in one more', async () => {
  const name = await model(3);
  const asked: string[] = [];
  const { sql: pool, keyed } = getDatabase();
  const clients = [pool, keyed.sql].map((client) => ({ client, unsafe: client.unsafe }));
  for (const { client, unsafe } of clients) {
    client.unsafe = ((...given: Parameters<typeof unsafe>) => {
      asked.push(given[0]);
      return unsafe(...given);
    }) as typeof unsafe;
  }
  const statements = async (work: Promise<unknown>) => {
    asked.length = 0;
    await work;
    return asked.length;
  };
  try {
    for (const _ of ['not kept yet', 'kept']) {
      expect(await statements(ok('GET registered-models/get', { name }))).toBe(1);
      expect(await statements(ok('GET model-versions/get', { name, version: '2' }))).toBe(1);
      expect(await statements(ok('GET model-versions/get-download-uri', { name, version: '2' }))).toBe(1);
    }
    expect(await statements(ok('GET registered-models/search', PAGE))).toBe(2);
    expect(await statements(ok('GET registered-models/search', PAGE))).toBe(1);
    expect(await statements(ok('GET model-versions/search', PAGE))).toBe(2);
    expect(await statements(ok('GET model-versions/search', PAGE))).toBe(1);
  } finally {
    for (const { client, unsafe } of clients) client.unsafe = unsafe;
  }
});

test('a search is not begun for a token that is not live, and a mistake in it is told to nobody who may not read', async () => {
  await model(1);
  for (const asked of [PAGE, { filter: 'nonsense' }, { max_results: -1 }]) {
    expect((await send('GET registered-models/search', asked, 'Bearer plb_of-nobody')).status).toBe(401);
  }
  expect((await send('GET registered-models/search', { filter: 'nonsense' })).status).toBe(400);
});

test('what was begun before it was known who asks is told to nobody who may not read', async () => {
  const name = await model(1);
  for (const asked of [{ name }, { name: 'no such model' }, {}]) {
    const { status, body } = await send('GET registered-models/get', asked, 'Bearer plb_of-nobody');
    expect([status, Object.keys(body)]).toEqual([401, ['error_code', 'message']]);
  }
});

test('a name that no column can hold is refused alone, whoever asks at the same moment', async () => {
  const name = await model(1);
  const asked = [{ name }, { name: `${name}\0` }, { name: `${name}\ud800` }];
  const answers = await Promise.all(asked.map((one) => send('GET registered-models/get', one)));
  expect(answers.map(({ status }) => status)).toEqual([200, 400, 404]);
});

test('an alias and a name are not taken for another alias of another name', async () => {
  const name = `b/${await model(1)}`;
  await ok('POST registered-models/create', { name });
  await ok('POST model-versions/create', { name, source: 's3://b/1' });
  await ok('POST registered-models/alias', { name, alias: 'a', version: '1' });
  await ok('GET registered-models/alias', { name, alias: 'a' });
  expect(await no('GET registered-models/alias', { name: name.slice(2), alias: 'a/b' })).toEqual([
    400,
    'INVALID_PARAMETER_VALUE',
    'Registered model alias a/b not found.',
  ]);
});

test('after every write each answer is what the database says then', async () => {
  let name = await model(2);
  await ok('POST registered-models/alias', { name, alias: 'first', version: '1' });
  const writes: [string, Record<string, unknown>][] = [
    ['PATCH registered-models/update', { description: 'told anew' }],
    ['POST registered-models/set-tag', { key: 'team', value: 'a' }],
    ['POST registered-models/set-tag', { key: 'team', value: 'b' }],
    ['DELETE registered-models/delete-tag', { key: 'team' }],
    ['POST registered-models/alias', { alias: 'first', version: '2' }],
    ['POST registered-models/alias', { alias: 'second', version: '2' }],
    ['DELETE registered-models/alias', { alias: 'second' }],
    ['POST model-versions/set-tag', { version: '2', key: 'k', value: 'v' }],
    ['DELETE model-versions/delete-tag', { version: '2', key: 'k' }],
    ['PATCH model-versions/update', { version: '2', description: 'the second' }],
    ['POST model-versions/transition-stage', { version: '2', stage: 'Staging' }],
    ['POST model-versions/create', { source: 's3://bucket/3' }],
    ['POST registered-models/rename', { new_name: `${name} renamed` }],
    ['DELETE model-versions/delete', { version: '3' }],
  ];
  for (const [address, message] of writes) {
    const named = { name };
    // Read before the write as well: what was kept then must not be answered after it.
    await Promise.all([ok('GET registered-models/get', named), ok('GET model-versions/search')]);
    await ok(address, { ...message, name });
    name = typeof message.new_name === 'string' ? message.new_name : name;
    const truth = JSON.parse((await readModel(db, name))!.text);
    expect((await ok('GET registered-models/get', { name })).registered_model, address).toEqual(truth);
    const page = await ok('GET registered-models/search', { filter: `name = '${name}'` });
    expect(page.registered_models, address).toEqual([truth]);
    const newest = (truth as { latest_versions: { version: string }[] }).latest_versions[0]!;
    const { version } = newest;
    expect((await ok('GET model-versions/get', { name, version })).model_version, address).toEqual(newest);
    const versions = await ok('GET model-versions/search', {
      filter: `name = '${name}'`,
      order_by: 'version_number DESC',
    });
    expect(versions.model_versions?.[0], address).toEqual(newest);
  }
  await ok('DELETE registered-models/delete', { name });
  expect(await ok('GET registered-models/search', { filter: `name = '${name}'` })).toEqual({});
});

test('a write that cannot be recorded leaves nothing behind, though its commit was sent with it', async () => {
  const name = await model(1);
  const other = fresh();
  const before = await ok('GET registered-models/get', { name });
  const writes: [string, Record<string, unknown>][] = [
    ['POST registered-models/create', { name: other }],
    ['POST model-versions/create', { name, source: 's3://b/2', tags: [{ key: 'a', value: 'b' }] }],
    ['POST registered-models/set-tag', { name, key: 'team', value: 'a' }],
    ['POST model-versions/set-tag', { name, version: '1', key: 'team', value: 'a' }],
    ['POST registered-models/alias', { name, alias: 'next', version: '1' }],
  ];
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
  await db.execute(sql`alter table audit_events add constraint no_more check (at < '2000-01-01') not valid`);
  try {
    for (const [address, message] of writes) expect((await send(address, message)).status).toBe(500);
  } finally {
    await db.execute(sql`alter table audit_events drop constraint no_more`);
    logged.mockRestore();
  }
  expect(await ok('GET registered-models/get', { name })).toEqual(before);
  expect((await send('GET registered-models/get', { name: other })).status).toBe(404);
  for (const [address, message] of writes) await ok(address, message);
});

test('every write is in the audit trail under the caller', async () => {
  const name = await model(1);
  const rows = await db.execute<{ action: string; actor_name: string }>(
    sql`select action, actor_name from audit_events where model_id = (select id from models where name = ${name}) order by position`,
  );
  expect(rows.map((row) => [row.action, row.actor_name])).toEqual([
    ['models.register', 'data'],
    ['models.register-version', 'data'],
  ]);
});

test('no request of any shape is answered with a server error', async () => {
  const names = [
    'name',
    'version',
    'key',
    'value',
    'alias',
    'stage',
    'filter',
    'order_by',
    'max_results',
    'page_token',
    'source',
    'tags',
    'new_name',
  ];
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('1', 'm', 'x\u0000', '\ud800', '%', "name LIKE '\\'"),
  );
  const message = fc.dictionary(
    fc.constantFrom(...names),
    fc.oneof({ weight: 4, arbitrary: text }, { weight: 1, arbitrary: fc.jsonValue() }),
  );
  const address = fc.constantFrom(...Object.keys(policies));
  await fc.assert(
    fc.asyncProperty(address, message, async (to, sent) => {
      const { status, body } = await send(to, sent);
      expect(status, JSON.stringify([to, sent, body])).toBeLessThan(500);
      if (status !== 200) expect(Object.keys(body)).toEqual(['error_code', 'message']);
    }),
    { numRuns: 300 },
  );
});

test('a page longer than a thousand rows is whole, and a next page is where it ended', async () => {
  const name = await model();
  await db.execute(sql`insert into model_versions (model_id, version, source, location, run_id, created_by_id, created_by, created_at, updated_at)
    select id, v, 's3://x', 's3://x', '', 'x', 'x', now(), now() from models, generate_series(1, 1203) v where name = ${name}`);
  const count = (page: Record<string, unknown>) => (page.model_versions as unknown[]).length;
  const filter = `name = '${name}'`;
  const all = await ok('GET model-versions/search', { filter });
  expect([count(all), all.next_page_token]).toEqual([1203, undefined]);
  const first = await ok('GET model-versions/search', { filter, max_results: 1100 });
  const rest = await ok('GET model-versions/search', { filter, page_token: first.next_page_token });
  expect([count(first), count(rest)]).toEqual([1100, 103]);
});
