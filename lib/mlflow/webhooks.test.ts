import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DELETE, GET, PATCH, POST } from '../../app/api/2.0/mlflow/[...path]/route.ts';
import { webhooks } from '../../db/schema/webhooks.ts';
import { createWebhook } from '../notifications/commands/create-webhook.ts';
import { mlflowHeaders } from '../notifications/signature.ts';
import { execute } from '../shell/command.ts';
import { bearer, call, type Person, signedIn, testWeb } from '../testing/web.ts';

const verbs = { GET, POST, PATCH, DELETE };
const { db } = await testWeb();
let data: Person;
let authorization = '';
let server: Server;
let origin = '';
let last: { headers: Record<string, unknown>; body: string } | undefined;
beforeAll(async () => {
  process.env.OUTBOUND_ALLOW = '127.0.0.1';
  data = await signedIn(db, 'data', ['data']);
  authorization = await bearer(db, data, ['registry:write']);
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      last = { headers: request.headers, body };
      response.writeHead(request.url === '/bad' ? 500 : 200).end('heard');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(async () => {
  await db.delete(webhooks);
});
afterAll(() => void server.close());

async function send(address: string, message: Record<string, unknown> = {}, as = authorization) {
  const [method, path] = address.split(' ') as [keyof typeof verbs, string];
  const query = new URLSearchParams(Object.entries(message).map(([key, value]) => [key, String(value)]));
  const { status, body } = await call(verbs[method], method, '/api/2.0/mlflow/[...path]', {
    params: { path: path.split('/') },
    headers: { authorization: as },
    ...(method === 'GET' ? { query: `?${query}` } : method === 'DELETE' ? {} : { body: message }),
  });
  return { status, body };
}

type Webhook = { webhook_id: string; [field: string]: unknown };
const created = { entity: 'MODEL_VERSION', action: 'CREATED' };
const make = async (more: object = {}): Promise<Webhook> => {
  const message = { name: 'ci', url: `${origin}/hook`, events: [created], ...more };
  const { status, body } = await send('POST webhooks', message);
  expect([status, body.message]).toEqual([200, undefined]);
  return body.webhook as Webhook;
};
const refusal = async (address: string, message: Record<string, unknown> = {}) => {
  const { status, body } = await send(address, message);
  return [status, body.error_code];
};
const BAD = [400, 'INVALID_PARAMETER_VALUE'];
const MISSING = [404, 'RESOURCE_DOES_NOT_EXIST'];

test('a webhook is made, read, changed and deleted, and never shows its secret', async () => {
  const made = await make({ description: 'builds', secret: 'geheim' });
  expect(made).toEqual({
    webhook_id: expect.any(String),
    name: 'ci',
    description: 'builds',
    url: `${origin}/hook`,
    events: [created],
    status: 'ACTIVE',
    creation_timestamp: expect.any(Number),
    last_updated_timestamp: expect.any(Number),
  });
  const path = `webhooks/${made.webhook_id}`;
  expect((await send(`GET ${path}`)).body).toEqual({ webhook: made });
  const changed = await send(`PATCH ${path}`, {
    status: 'DISABLED',
    events: [{ entity: 'PROMPT_TAG', action: 'SET' }],
  });
  expect(changed.body.webhook).toMatchObject({
    name: 'ci',
    status: 'DISABLED',
    events: [{ entity: 'PROMPT_TAG', action: 'SET' }],
  });
  expect((await send(`PATCH ${path}`)).body.webhook).toMatchObject({ name: 'ci', status: 'DISABLED' });
  const emptied = await send(`PATCH ${path}`, { description: '', name: '', url: '' });
  expect(emptied.body.webhook).toMatchObject({ name: 'ci', url: `${origin}/hook` });
  expect(emptied.body.webhook).not.toHaveProperty('description');
  expect(await send(`DELETE ${path}`)).toEqual({ status: 200, body: {} });
  expect(await refusal(`GET ${path}`)).toEqual(MISSING);
});

test('names may repeat, and the list comes page by page', async () => {
  expect((await send('GET webhooks')).body).toEqual({});
  const made = [await make(), await make(), await make()].map(({ webhook_id }) => webhook_id);
  const first = await send('GET webhooks', { max_results: 2 });
  const second = await send('GET webhooks', { max_results: 2, page_token: first.body.next_page_token });
  const ids = [first, second].flatMap(({ body }) => (body.webhooks as Webhook[]).map(({ webhook_id }) => webhook_id));
  expect(ids).toEqual(made);
  expect(second.body).not.toHaveProperty('next_page_token');
  for (const query of [{ max_results: 0 }, { max_results: 1001 }, { max_results: 'x' }, { page_token: '~' }])
    expect(await refusal('GET webhooks', query)).toEqual(BAD);
});

test('mistakes are answered as mistakes', async () => {
  const good = { name: 'ci', url: `${origin}/hook`, events: [created] };
  for (const wrong of [
    { name: undefined },
    { name: '-ci' },
    { name: 'x'.repeat(64) },
    { name: 'a b' },
    { url: undefined },
    { url: 'nonsense' },
    { url: 'http://example.com/' },
    { url: 'https://169.254.169.254/' },
    { url: 'https://user:pw@example.com/' },
    { url: `https://example.com/${'x'.repeat(500)}` },
    { events: [] },
    { events: undefined },
    { events: 'MODEL_VERSION' },
    { events: [{ entity: 'MODEL_VERSION', action: 'DELETED' }] },
    { events: [{ entity: 'BUDGET_POLICY', action: 'EXCEEDED' }] },
    { events: [{ entity: 'model_version', action: 'created' }] },
    { events: [{ entity: 'NONSENSE' }] },
    { status: 'SLEEPING' },
    { secret: 'x'.repeat(1001) },
    { description: 'x'.repeat(1001) },
  ])
    expect([wrong, await refusal('POST webhooks', { ...good, ...wrong })]).toEqual([wrong, BAD]);
  for (const [wrong, words] of [
    [{ name: 'a b' }, /^Webhook name 'a b' is invalid\. It must start and end/],
    [{ url: ' \t' }, /^Webhook URL cannot be empty or just whitespace/],
    [{ url: 'nonsense' }, /^Invalid webhook URL: it is not a URL/],
    [{ url: 'http://[nonsense' }, /^Invalid webhook URL: it is not a URL/],
    [{ url: 'ftp://example.com/' }, /^Invalid webhook URL scheme: it must start with https/],
    [{ url: 'http://example.com/' }, /^Invalid webhook URL scheme: it must start with https/],
    [{ url: 'https://169.254.169.254/' }, /^Invalid webhook URL: it /],
  ] as const) {
    expect((await send('POST webhooks', { ...good, ...wrong })).body.message).toMatch(words);
    const { webhook_id } = await make();
    expect((await send(`PATCH webhooks/${webhook_id}`, wrong)).body.message).toMatch(words);
    const long = { description: 'x'.repeat(1001) };
    expect((await send(`PATCH webhooks/${webhook_id}`, long)).body.message).toMatch(/^'description' exceeds/);
  }
  expect((await send('GET webhooks', { max_results: 1001 })).body.message).toBe(
    'max_results must be between 1 and 1000.',
  );
  const { message } = (await send('POST webhooks', { ...good, secret: ['CANARY'] })).body;
  expect(message).toMatch(/^Invalid value for parameter 'secret'/);
  const nobody = '00000000-0000-4000-8000-000000000000';
  for (const id of [nobody, 'nonsense', "x'or'1'='1", '%00'])
    for (const address of [
      `GET webhooks/${id}`,
      `PATCH webhooks/${id}`,
      `DELETE webhooks/${id}`,
      `POST webhooks/${id}/test`,
    ])
      expect([address, await refusal(address)]).toEqual([address, MISSING]);
  expect((await send(`GET webhooks/${nobody}`)).body.message).toBe(`Webhook with ID ${nobody} not found.`);
  expect((await send(`GET webhooks/${nobody}/nonsense`)).body.error_code).toBe('ENDPOINT_NOT_FOUND');
});

test('a test sends the example of an event, signed, and tells what came of it', async () => {
  const made = await make({ secret: 'geheim' });
  const path = `POST webhooks/${made.webhook_id}/test`;
  expect((await send(path)).body).toEqual({ result: { success: true, response_status: 200, response_body: 'heard' } });
  expect(JSON.parse(last!.body)).toMatchObject({
    entity: 'model_version',
    action: 'created',
    data: { source: 'models:/123' },
  });
  const at = new Date(Number(last!.headers['x-mlflow-timestamp']) * 1000);
  const due = mlflowHeaders({ id: String(last!.headers['x-mlflow-delivery-id']), at, body: last!.body }, 'geheim');
  expect(last!.headers['x-mlflow-signature']).toBe(due['X-MLflow-Signature']);
  await send(path, { event: { entity: 'PROMPT_ALIAS', action: 'DELETED' } });
  expect(JSON.parse(last!.body)).toMatchObject({ entity: 'prompt_alias', data: { alias: 'example_alias' } });
  const failing = await make({ url: `${origin}/bad` });
  expect((await send(`POST webhooks/${failing.webhook_id}/test`)).body.result).toMatchObject({
    success: false,
    response_status: 500,
  });
  const silent = await make({ url: 'http://127.0.0.1:1/' });
  expect((await send(`POST webhooks/${silent.webhook_id}/test`)).body.result).toEqual({
    success: false,
    error_message: 'The connection was refused.',
  });
});

test('webhooks of the other protocol do not exist here, and readers see none', async () => {
  const standard = { protocol: 'standard', name: 'own', url: `${origin}/own`, events: ['approvals.decide'] };
  const { id } = await execute(createWebhook, standard, { db, actor: data });
  expect((await send('GET webhooks')).body).toEqual({});
  expect(await refusal(`GET webhooks/${id}`)).toEqual(MISSING);
  expect(await refusal(`DELETE webhooks/${id}`)).toEqual(MISSING);
  const reader = await bearer(db, data, ['registry:read']);
  expect((await send('GET webhooks', {}, reader)).body.error_code).toBe('PERMISSION_DENIED');
});
