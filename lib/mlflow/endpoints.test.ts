import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { beforeAll, expect, test, vi } from 'vitest';
import { DELETE, GET, PATCH, POST } from '../../app/api/2.0/mlflow/[...path]/route.ts';
import { SCOPES } from '../access/schema.ts';
import { updateModel } from '../models/commands/update.ts';
import { execute } from '../shell/command.ts';
import { registryClient } from '../testing/registry.ts';
import { bearer, type Person, signedIn, testWeb } from '../testing/web.ts';
import { endpoints, policies } from './endpoints.ts';

const { db } = await testWeb();
let authorization: string;
let data: Person;
beforeAll(async () => {
  data = await signedIn(db, 'data', ['data']);
  authorization = await bearer(db, data, [...SCOPES]);
});
const { send, ok, no, fresh, model } = registryClient({ GET, POST, PATCH, DELETE }, () => authorization);

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
  for (const alias of ['a', 'latest'])
    expect(await no('GET registered-models/alias', { name: 'nix', alias })).toEqual([
      404,
      missing,
      'Registered Model with name=nix not found',
    ]);
  expect(await no('GET registered-models/alias', { name: other, alias: 'latest' })).toEqual([
    404,
    missing,
    `Latest version not found for model ${other}.`,
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
  for (const source of ['s3://b/%252e%252e/x', 'http://h:9/m/../../', 'mlflow-artifacts://h/m/x%00'])
    expect(await no('POST model-versions/create', { name, source })).toEqual([
      400,
      bad,
      expect.stringMatching(/^Invalid model version source: .*\. If supplying a source as an http, https, /),
    ]);
  expect(await no('POST model-versions/create', { name, source: 'file://h/x', run_id: 'r' })).toEqual([
    400,
    bad,
    expect.stringMatching(/ is not a valid remote uri/),
  ]);
  for (const source of ['file:///x', 'file://localhost/x', 'file:x'])
    await ok('POST model-versions/create', { name, source, run_id: 'r' });
  expect((await no('POST registered-models/set-tag', { name, key: 'k', value: 'x'.repeat(100_001) }))[2]).toBe(
    "'value' exceeds the maximum length of 100000 characters",
  );
  for (const stage of ['None', 'Archived'])
    expect(await no('POST model-versions/transition-stage', { ...at, stage, archive_existing_versions: true })).toEqual(
      [
        400,
        bad,
        `Model version transition cannot archive existing model versions because '${stage}' is not an Active stage. Valid stages are ['Staging', 'Production']`,
      ],
    );
  expect((await no('POST registered-models/create', { name: 'x'.repeat(257) })).slice(0, 2)).toEqual([400, bad]);
  expect((await no('POST registered-models/list', { name })).slice(0, 2)).toEqual([404, 'ENDPOINT_NOT_FOUND']);
  expect((await send('GET registered-models/get', { name }, '')).body.error_code).toBe('UNAUTHENTICATED');
});

test('an alias that cannot be can be taken away, as one that is not there', async () => {
  const name = await model(1);
  for (const alias of ['latest', 'v1', 'absent']) await ok('DELETE registered-models/alias', { name, alias });
  expect((await no('DELETE registered-models/alias', { name, alias: 'a b' }))[0]).toBe(400);
  const reserved = await no('POST registered-models/alias', { name, version: '1', alias: 'v\u0661' });
  expect(reserved.slice(0, 2)).toEqual([400, 'INVALID_PARAMETER_VALUE']);
});

test('a model that does not exist is told before a stage that does not', async () => {
  const missing = [404, 'RESOURCE_DOES_NOT_EXIST', 'Registered Model with name=nix not found'];
  expect(await no('POST registered-models/get-latest-versions', { name: 'nix', stages: ['x'] })).toEqual(missing);
});

test('a model is registered with as many tags as can be set on it', async () => {
  const tags = Array.from({ length: 150 }, (_, n) => ({ key: `k${String(n).padStart(3, '0')}`, value: 'v' }));
  const name = await model(0, tags);
  expect((await ok('GET registered-models/get', { name })).registered_model).toMatchObject({ tags });
});

test('prompts stay out of searches that do not ask for them, and say who holds their name', async () => {
  const prompt = await model(0, [{ key: 'mlflow.prompt.is_prompt', value: 'true' }]);
  const find = async (filter: string) =>
    ((await ok('GET registered-models/search', { filter })).registered_models ?? []) as unknown[];
  expect(await find(`name = '${prompt}' AND tag.\`mlflow.prompt.is_prompt\` != 'true'`)).toHaveLength(0);
  expect(await find(`name = '${prompt}'`)).toHaveLength(0);
  expect(await find(`name = '${prompt}' AND tags.\`mlflow.prompt.is_prompt\` = 'true'`)).toHaveLength(1);
  expect((await no('POST registered-models/create', { name: prompt }))[2]).toMatch(/already taken by a prompt/);
  const tags = [{ key: 'mlflow.prompt.is_prompt', value: 'true' }];
  const exists = `Prompt (name=${prompt}) already exists.`;
  expect((await no('POST registered-models/create', { name: prompt, tags }))[2]).toBe(exists);
  const long = [...tags, { key: 'mlflow.prompt.text', value: 'x'.repeat(100_001) }];
  expect(await no('POST model-versions/create', { name: prompt, source: 'dummy-source', tags: long })).toEqual([
    400,
    'INVALID_PARAMETER_VALUE',
    'Prompt text exceeds max length of 100000 characters.',
  ]);
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

test('an alias or a stage as a source is the version that it leads to now', async () => {
  const name = await model(3);
  const copy = await model();
  const copied = async (source: string) => {
    const { model_version } = await ok('POST model-versions/create', { name: copy, source });
    const { version, source: kept } = model_version as unknown as { version: string; source: string };
    return [kept, (await ok('GET model-versions/get-download-uri', { name: copy, version })).artifact_uri];
  };
  await ok('POST registered-models/alias', { name, alias: 'best', version: '1' });
  await ok('POST model-versions/transition-stage', { name, version: '2', stage: 'Staging' });
  expect(await copied(`models:/${name}@best`)).toEqual([`models:/${name}/1`, 's3://b/0']);
  expect(await copied(`models:/${name}/staging`)).toEqual([`models:/${name}/2`, 's3://b/1']);
  expect(await copied(`models:/${name}/latest`)).toEqual([`models:/${name}/3`, 's3://b/2']);
  await ok('POST registered-models/alias', { name, alias: 'best', version: '3' });
  expect((await ok('GET model-versions/get', { name: copy, version: '1' })).model_version).toMatchObject({
    source: `models:/${name}/1`,
  });
});

test('only a tag that says true makes a prompt', async () => {
  const tags = [{ key: 'mlflow.prompt.is_prompt', value: 'false' }];
  const name = await model(0, tags);
  const taken = `Registered Model (name=${name}) already exists.`;
  expect((await no('POST registered-models/create', { name }))[2]).toBe(taken);
  const local = { name, source: '/home/me/model' };
  expect((await no('POST model-versions/create', { ...local, tags }))[0]).toBe(400);
  await ok('POST model-versions/create', { ...local, tags: [{ ...tags[0], value: 'True' }] });
});

test('a source that leads to no version of this registry is refused', async () => {
  const name = await model(2);
  await ok('DELETE model-versions/delete', { name, version: '2' });
  const refused = (source: string) => no('POST model-versions/create', { name, source });
  for (const version of ['2', '9', '0'])
    expect(await refused(`models:/${name}/${version}`)).toEqual([
      404,
      'RESOURCE_DOES_NOT_EXIST',
      `Model Version (name=${name}, version=${version}) not found`,
    ]);
  for (const source of ['models:/nix/1', 'models:/nix@best', 'models:/nix/latest'])
    expect(await refused(source)).toEqual([404, 'RESOURCE_DOES_NOT_EXIST', 'Registered Model with name=nix not found']);
  expect(await refused(`models:/${name}@nix`)).toEqual([
    400,
    'INVALID_PARAMETER_VALUE',
    'Registered model alias nix not found.',
  ]);
  expect((await refused(`models:/${name}/Archived`)).slice(0, 2)).toEqual([404, 'RESOURCE_DOES_NOT_EXIST']);
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
