import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { beforeAll, expect, test } from 'vitest';
import { DELETE, GET, PATCH, POST } from '../../app/api/2.0/mlflow/[...path]/route.ts';
import { getDatabase } from '../../db/client.ts';
import { SCOPES } from '../access/schema.ts';
import { registryClient } from '../testing/registry.ts';
import { bearer, signedIn, testWeb } from '../testing/web.ts';
import { MODELS_BY_KEY_MAX, readModel, VERSIONS_BY_KEY_MAX } from './queries/rows.ts';

/** What is read, how often the database is asked for it, and that it is never old. */
const { db } = await testWeb();
let authorization: string;
beforeAll(async () => {
  authorization = await bearer(db, await signedIn(db, 'data', ['data']), [...SCOPES]);
});
const { send, ok, no, fresh, model } = registryClient({ GET, POST, PATCH, DELETE }, () => authorization);

const PAGE = { max_results: 100 };

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

/** How many statements some work sends, and of which kinds. */
async function statements(work: () => Promise<unknown>): Promise<{ sent: number; searches: number }> {
  const texts: string[] = [];
  const { sql: pool, keyed, planned } = getDatabase();
  const clients = [pool, keyed.sql, planned.sql].map((client) => ({ client, unsafe: client.unsafe }));
  for (const { client, unsafe } of clients) {
    client.unsafe = ((...given: Parameters<typeof unsafe>) => {
      texts.push(given[0]);
      return unsafe(...given);
    }) as typeof unsafe;
  }
  try {
    await work();
  } finally {
    for (const { client, unsafe } of clients) client.unsafe = unsafe;
  }
  return { sent: texts.length, searches: texts.filter((text) => text.includes('json_agg(found)')).length };
}

test('who asks and what they ask for is read in one statement; a page whose messages are not kept in one more', async () => {
  const name = await model(3);
  for (const _ of ['not kept yet', 'kept']) {
    expect((await statements(() => ok('GET registered-models/get', { name }))).sent).toBe(1);
    expect((await statements(() => ok('GET model-versions/get', { name, version: '2' }))).sent).toBe(1);
    expect((await statements(() => ok('GET model-versions/get-download-uri', { name, version: '2' }))).sent).toBe(1);
  }
  for (const list of ['registered-models', 'model-versions']) {
    for (const page of [{}, { max_results: 100 }]) {
      const asked = { ...page, filter: `name = '${await model(1)}' AND name LIKE '%'` };
      expect((await statements(() => ok(`GET ${list}/search`, asked))).sent).toBe(2);
      expect((await statements(() => ok(`GET ${list}/search`, asked))).sent).toBe(1);
    }
  }
});

test('the versions of one model are read by its name, as a search would find them', async () => {
  const name = await model(3);
  await ok('POST model-versions/set-tag', { name, version: '1', key: 'k', value: 'v' });
  await ok('POST model-versions/set-tag', { name, version: '2', key: 'mlflow.prompt.is_prompt', value: 'true' });
  const find = (rest: string, more: object = {}) =>
    ok('GET model-versions/search', { filter: `name = '${name}'${rest}`, ...more });
  const all = await find('');
  expect(all).toEqual(await find(" AND name LIKE '%'"));
  expect((all.model_versions as unknown as { version: string }[]).map(({ version }) => version)).toEqual(['3', '1']);
  expect(await statements(() => find(''))).toEqual({ sent: 1, searches: 0 });
  expect(await statements(() => find('', { max_results: 100 }))).toEqual({ sent: 1, searches: 0 });
  await ok('DELETE model-versions/delete', { name, version: '3' });
  expect((await find('')).model_versions).toEqual([all.model_versions?.[1]]);
  // What is cut short, ordered or carried on is searched for.
  expect(await find('', { max_results: 1 })).toEqual(await find(" AND name LIKE '%'", { max_results: 1 }));
  expect((await statements(() => find('', { order_by: ['version_number ASC'] }))).searches).toBe(1);
  expect(await ok('GET model-versions/search', { filter: "name = 'no such model'" })).toEqual({});
});

test('the models that bear a tag are read by it, as a search would find them', async () => {
  const long = 'x'.repeat(300);
  const names: string[] = [];
  for (const value of ['a=b', 'a=b', `${long}1`, `${long}2`]) names.push(await model(1, [{ key: 'by key', value }]));
  await model(0, [
    { key: 'by key', value: 'a=b' },
    { key: 'mlflow.prompt.is_prompt', value: 'true' },
  ]);
  const find = (filter: string, more: object = {}) => ok('GET registered-models/search', { filter, ...more });
  const noPrompt = "tag.`mlflow.prompt.is_prompt` != 'true'";
  for (const value of ['a=b', `${long}1`, 'no such value']) {
    const filter = `tags.\`by key\` = '${value}'`;
    const searched = await find(`${filter} AND name LIKE '%'`);
    for (const asked of [filter, `${filter} AND ${noPrompt}`, `${noPrompt} AND ${filter}`]) {
      expect(await find(asked)).toEqual(searched);
      expect(await statements(() => find(asked))).toEqual({ sent: 1, searches: 0 });
    }
  }
  expect(await find("tags.`by key=a` = 'b'")).toEqual({});
  // What is cut short, ordered, or may be a prompt is searched for.
  for (const [more, rest] of [
    [{ max_results: 1 }, ''],
    [{ order_by: ['name DESC'] }, ''],
    [{}, ` AND tags.\`mlflow.prompt.is_prompt\` = 'true'`],
  ] as const) {
    const filter = `tags.\`by key\` = 'a=b'${rest}`;
    expect(await find(filter, more)).toEqual(await find(`${filter} AND name LIKE '%'`, more));
    expect((await statements(() => find(filter, more))).searches).toBe(1);
  }
  expect(((await find("tags.`by key` = 'a=b'")).registered_models as unknown as { name: string }[]).length).toBe(2);
});

test('a tag that more models bear than are read by key is searched for', async () => {
  for (let i = 0; i <= MODELS_BY_KEY_MAX; i += 1) await model(0, [{ key: 'borne', value: 'by many' }]);
  const found = await ok('GET registered-models/search', { filter: "tags.borne = 'by many'" });
  expect((found.registered_models as unknown as unknown[]).length).toBe(MODELS_BY_KEY_MAX + 1);
});

test('models are found by a part of their name, be they few or many', async () => {
  const part = randomBytes(6).toString('hex').toUpperCase();
  const make = (name: string, tags: object[] = []) => ok('POST registered-models/create', { name, tags });
  const found = async (filter: string, more: object = {}) =>
    ((await ok('GET registered-models/search', { filter, ...more })).registered_models ?? []) as { name: string }[];
  const asked = `name LIKE '%${part}%'`;
  expect(await found(asked)).toEqual([]);
  await make(`prompt ${part}`, [{ key: 'mlflow.prompt.is_prompt', value: 'true' }]);
  expect(await found(asked)).toEqual([]);
  for (let i = 0; i < MODELS_BY_KEY_MAX; i += 1) {
    await make(`${i} ${part} x`);
    // Among few, among more than are looked at, and planned for its values from then on.
    for (const filter of [asked, asked, `${asked} AND name != 'x'`])
      expect((await found(filter)).map(({ name }) => name)).toEqual(
        Array.from({ length: i + 1 }, (_, n) => `${n} ${part} x`),
      );
  }
  expect(await found(`name ILIKE '%${part.toLowerCase()}%'`)).toEqual(await found(asked));
  expect(await found(`name LIKE '%${part.toLowerCase()}%'`)).toEqual([]);
  expect((await found(asked, { max_results: 3 })).length).toBe(3);
  expect((await found(`tags.\`mlflow.prompt.is_prompt\` = 'true' AND ${asked}`)).map(({ name }) => name)).toEqual([
    `prompt ${part}`,
  ]);
});

test('the versions that a run made are read by it, as a search would find them', async () => {
  const run_id = 'a run of its own';
  const [first, second] = [await model(), await model()];
  const make = (name: string, more: object = {}) =>
    ok('POST model-versions/create', { name, source: 's3://b', run_id, ...more });
  for (const name of [first, second, first]) await make(name);
  await make(second, { tags: [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] });
  await make(second);
  await ok('DELETE model-versions/delete', { name: second, version: '3' });
  const find = (filter: string, more: object = {}) => ok('GET model-versions/search', { filter, ...more });
  const asked = `run_id = '${run_id}'`;
  const found = await find(asked);
  expect(found).toEqual(await find(`${asked} AND name LIKE '%'`));
  expect((found.model_versions as unknown as unknown[]).length).toBe(3);
  expect(await statements(() => find(asked))).toEqual({ sent: 1, searches: 0 });
  expect(await find("run_id = 'no such run'")).toEqual({});
  expect(await find("run_id = ''")).toEqual(await find("run_id = '' AND name LIKE '%'"));
  expect((await statements(() => find(asked, { max_results: 2 }))).searches).toBe(1);
  for (let i = 3; i <= VERSIONS_BY_KEY_MAX; i += 1) await make(first);
  expect(((await find(asked)).model_versions as unknown as unknown[]).length).toBe(VERSIONS_BY_KEY_MAX + 1);
});

/** A model with so many versions, put straight into the table. */
async function modelOfMany(versions: number): Promise<string> {
  const name = await model();
  await db.execute(sql`with model as (update models set last_version = ${versions} where name = ${name} returning id)
    insert into model_versions (model_id, version, source, location, run_id, created_by_id, created_by, created_at, updated_at)
    select id, v, 's3://x', 's3://x', '', 'x', 'x', now(), now() from model, generate_series(1, ${versions}) v`);
  return name;
}

test('a model with more versions than are read by key is searched for', async () => {
  const asked = { filter: `name = '${await modelOfMany(VERSIONS_BY_KEY_MAX + 1)}'` };
  const all = await ok('GET model-versions/search', asked);
  expect((all.model_versions as unknown as unknown[]).length).toBe(VERSIONS_BY_KEY_MAX + 1);
  expect(await askedWithoutSearching(() => ok('GET model-versions/search', asked))).toEqual(all);
});

/** Its answer once the database was only asked whether anything changed: other test files write to the same server. */
async function askedWithoutSearching<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    let told: T | undefined;
    const { sent, searches } = await statements(async () => {
      told = await work();
    });
    if (sent <= 2 && searches === 0) return told as T;
  }
  throw new Error('Every one of a thousand times it was searched for anew.');
}

test('a long page is not searched for again while nothing is written, and at once when something is', async () => {
  const name = await model(20);
  const asked = { filter: `name = '${name}'`, order_by: 'version_number ASC' };
  const search = () => ok('GET model-versions/search', asked);
  const first = await search();
  expect(await askedWithoutSearching(search)).toEqual(first);
  await ok('POST model-versions/set-tag', { name, version: '3', key: 'seen', value: 'yes' });
  const told = await search();
  expect(told.model_versions?.[2]).toMatchObject({ version: '3', tags: [{ key: 'seen', value: 'yes' }] });
  expect(await askedWithoutSearching(search)).toEqual(told);
  // Not a command, and of no model: whatever a transaction changed, the page is searched for anew.
  await db.execute(sql`update users set name = name`);
  expect(await statements(async () => expect(await search()).toEqual(told))).toEqual({ sent: 2, searches: 1 });
  expect((await send('GET model-versions/search', asked, 'Bearer plb_of-nobody')).status).toBe(401);
  await ok('DELETE registered-models/delete', { name });
  expect(await search()).toEqual({});
});

test('what was just made is told as it is read afterwards', async () => {
  const [name, tags] = ['"quoted" \u0007 \\ \u2028 ünï', [{ key: 'k', value: '"v"\n' }]];
  const made = await ok('POST registered-models/create', { name, tags, description: 'of\t"all"' });
  expect(made).toEqual(await ok('GET registered-models/get', { name }));
  expect(made.registered_model).toMatchObject({ name, tags, description: 'of\t"all"' });
  const version = { name, source: 's3://b/"x"', run_id: 'r', run_link: 'l', description: 'd\\', tags };
  for (const message of [{ name, source: 's3://b/0' }, version, { ...version, model_id: `m-${'0'.repeat(32)}` }]) {
    const { model_version } = await ok('POST model-versions/create', message);
    const { version: number } = model_version as unknown as { version: string };
    expect((await ok('GET model-versions/get', { name, version: number })).model_version).toEqual(model_version);
    expect(model_version).toMatchObject(message);
  }
});

test('a description that is empty is none', async () => {
  const name = fresh();
  const made = await ok('POST registered-models/create', { name, description: '' });
  const changed = await ok('PATCH registered-models/update', { name, description: '' });
  for (const { registered_model } of [made, changed, await ok('GET registered-models/get', { name })])
    expect(registered_model).not.toHaveProperty('description');
});

test('empty lists and unset fields are left out, and what a version always has is there', async () => {
  const name = await model(2);
  await ok('POST registered-models/alias', { name, alias: 'b', version: '2' });
  await ok('POST registered-models/alias', { name, alias: 'a', version: '2' });
  const at = { creation_timestamp: expect.any(Number), last_updated_timestamp: expect.any(Number) };
  const empty = { description: '', run_id: '', run_link: '' };
  const always = { ...at, ...empty, name, current_stage: 'None', status: 'READY', user_id: 'data' };
  const [one, two] = ['1', '2'].map((version, i) => ({ ...always, version, source: `s3://b/${i}` }));
  const read = async (version: string) => (await ok('GET model-versions/get', { name, version })).model_version;
  expect(await read('1')).toEqual(one);
  expect(await read('2')).toEqual({ ...two, aliases: ['a', 'b'] });
  await ok('POST model-versions/transition-stage', {
    name,
    version: '1',
    stage: 'Staging',
    archive_existing_versions: false,
  });
  expect((await ok('GET registered-models/get', { name })).registered_model).toEqual({
    ...at,
    name,
    latest_versions: [
      { ...two, aliases: ['a', 'b'] },
      { ...one, current_stage: 'Staging' },
    ],
    aliases: [
      { alias: 'a', version: '2' },
      { alias: 'b', version: '2' },
    ],
  });
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

test('a page longer than a thousand rows is whole, and a next page is where it ended', async () => {
  const name = await modelOfMany(1203);
  const count = (page: Record<string, unknown>) => (page.model_versions as unknown[]).length;
  const filter = `name = '${name}'`;
  const all = await ok('GET model-versions/search', { filter });
  expect([count(all), all.next_page_token]).toEqual([1203, undefined]);
  const first = await ok('GET model-versions/search', { filter, max_results: 1100 });
  const rest = await ok('GET model-versions/search', { filter, page_token: first.next_page_token });
  expect([count(first), count(rest)]).toEqual([1100, 103]);
});
