import { request as call, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { directPath, MAX_MESSAGE_BYTES, registry } from '../mlflow/door.ts';
import { bearer, signedIn, testWeb } from '../testing/web.ts';
import { fromMessage, fromRequest, type Incoming, send } from './exchange.ts';
import { MAX_JSON_BYTES } from './http.ts';

const { db } = await testWeb();
const HOUSE = { 'X-Frame-Options': 'DENY' };
/** What a test wants to know of a request as the server received it; its answer is sent. */
let look: ((incoming: Incoming) => Promise<string>) | undefined;

const server = createServer(async (message, response) => {
  if (look) {
    const body = await look(fromMessage(message));
    await send({ status: 200, headers: {}, body }, message, response, HOUSE);
    return;
  }
  const path = directPath(message.method, message.url);
  if (path === undefined) response.writeHead(404).end('not direct');
  else await send(await registry.perform(fromMessage(message), { path }), message, response, HOUSE);
});

let authorization: string;
let port = 0;
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.address() as AddressInfo).port;
  authorization = await bearer(db, await signedIn(db, 'data', ['data']), ['registry:write']);
});
afterAll(() => void server.close());

type Told = { status: number; headers: Record<string, unknown>; body: string };
function ask(method: string, path: string, headers: Record<string, string | string[]> = {}, body?: string | Buffer) {
  return new Promise<Told>((done, failed) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const sent = call({ host: '127.0.0.1', port, method, path, headers: { ...headers, ...length } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const text = answer.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
        done({ status: answer.statusCode!, headers: answer.headers, body: text.toString() });
      });
    });
    sent.on('error', failed).end(body);
  });
}
const api = '/api/2.0/mlflow';

describe('a request that is answered without the framework', () => {
  it('may be a GET that says in a JSON body what it asks for, where it has no query string', async () => {
    const headers = { authorization, 'content-type': 'application/json' };
    await ask('POST', `${api}/registered-models/create`, headers, '{"name":"told in a body"}');
    const get = async (path: string, body?: string) => {
      const { status, body: text } = await ask('GET', `${api}/registered-models/${path}`, headers, body);
      return [status, (JSON.parse(text).registered_model ?? JSON.parse(text).registered_models?.[0])?.name];
    };
    const name = '{"name":"told in a body"}';
    expect(await get('get', name)).toEqual([200, 'told in a body']);
    expect(await get('get?name=told+in+a+body', '{"name":"another"}')).toEqual([200, 'told in a body']);
    expect(await get('search', '{"filter":"name = \'told in a body\'","max_results":1}')).toEqual([
      200,
      'told in a body',
    ]);
    expect(await get('get')).toEqual([400, undefined]);
    expect(await get('get', '{"name":')).toEqual([400, undefined]);
    expect(await get('get', '["name"]')).toEqual([400, undefined]);
    const refused = await ask('GET', `${api}/registered-models/get`, {}, name);
    expect(refused.status).toBe(401);
  });

  it.each([
    ['GET', `${api}/registered-models/get?name=none`, undefined],
    ['GET', '/ajax-api/2.0/mlflow/registered-models/get?name=caf%C3%A9+%26+co', undefined],
    ['GET', `${api}/registered-models/nothing`, undefined],
    ['POST', `${api}/registered-models/create`, '{"name":"made"}'],
    ['POST', `${api}/registered-models/create`, '{"name":'],
    ['POST', `${api}/registered-models/create`, Buffer.from([0x7b, 0xff])],
    ['PATCH', `${api}/registered-models/update`, '{"name":"made","description":"ü"}'],
    ['DELETE', `${api}/registered-models/delete`, '{"name":"made"}'],
  ])('gets what %s %s gets through it', async (method, path, body) => {
    const headers = { authorization, 'content-type': 'application/json' };
    const [plain = ''] = path.split('?');
    const direct = await ask(method, path, headers, body);
    const web = new Request(`http://localhost${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
    const through = await registry(web, { params: Promise.resolve({ path: plain.split('/mlflow/')[1]!.split('/') }) });
    const mine = JSON.parse(direct.body) as Record<string, unknown>;
    const theirs = (await through.json()) as Record<string, unknown>;
    if (direct.status === 200 && method !== 'GET') {
      // The first of the two made or removed it; the second finds that out.
      expect(Object.keys(mine)).not.toContain('error_code');
      expect([200, 400, 404]).toContain(through.status);
    } else expect([direct.status, mine]).toEqual([through.status, theirs]);
    for (const name of ['cache-control', 'www-authenticate'])
      expect(direct.headers[name] ?? null).toBe(through.headers.get(name));
    expect(direct.headers['x-frame-options']).toBe('DENY');
    expect(direct.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('needs the same credentials', async () => {
    const nobody = await ask('GET', `${api}/registered-models/search`);
    expect([nobody.status, nobody.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    const wrong = await ask('GET', `${api}/registered-models/search`, { authorization: 'Bearer plb_wrong' });
    expect(wrong.status).toBe(401);
  });

  it('may be as long as a body may be, and no longer', async () => {
    const headers = { authorization, 'content-type': 'application/json' };
    const long = JSON.stringify({ name: 'x'.repeat(MAX_MESSAGE_BYTES) });
    const answer = await ask('POST', `${api}/registered-models/create`, headers, long);
    expect([answer.status, answer.body]).toEqual([413, expect.stringContaining('at most')]);
    const asked = JSON.stringify({ filter: 'x'.repeat(MAX_JSON_BYTES) });
    expect((await ask('GET', `${api}/registered-models/search`, headers, asked)).status).toBe(413);
    expect((await ask('GET', `${api}/registered-models/search`, { authorization })).status).toBe(200);
  });

  it('may hold several of the longest values, escaped as Python escapes them', async () => {
    const headers = { authorization, 'content-type': 'application/json' };
    const value = '\\ud83d\\ude00'.repeat(100_000);
    const tags = ['a', 'b', 'c'].map((key) => `{"key":"${key}","value":"${value}"}`);
    const body = `{"name":"many words","tags":[${tags}]}`;
    const { status, body: answer } = await ask('POST', `${api}/registered-models/create`, headers, body);
    expect([status, JSON.parse(answer).message]).toEqual([200, undefined]);
  });

  it('brings JSON and says so', async () => {
    const create = async (type: Record<string, string>, name: string) => {
      const { status, body } = await ask(
        'POST',
        `${api}/registered-models/create`,
        { authorization, ...type },
        `{"name":"${name}"}`,
      );
      const { error_code, message } = JSON.parse(body);
      return [status, error_code, message];
    };
    const refused = [400, 'INVALID_PARAMETER_VALUE'];
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])
      expect(await create({ 'content-type': type }, 'typed')).toEqual([
        ...refused,
        "Bad Request. Content-Type must be one of ['application/json'].",
      ]);
    expect(await create({}, 'typed')).toEqual([...refused, 'Bad Request. Content-Type header is missing.']);
    expect((await create({ 'content-type': 'application/json; charset=utf-8' }, 'typed'))[0]).toBe(200);
    const nothing = await ask('DELETE', `${api}/webhooks/0b0e3c8e-8e3c-4c6e-9a7c-2f6a1d1e2f3a`, { authorization });
    expect(nothing.status).toBe(404);
  });

  it('is repeated under its key only once', async () => {
    const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': 'once' };
    const create = () => ask('POST', `${api}/registered-models/create`, headers, '{"name":"once"}');
    const [first, second] = [await create(), await create()];
    expect([first.status, second.status, second.headers['idempotency-replayed']]).toEqual([200, 200, 'true']);
    expect(second.body).toBe(first.body);
  });

  it('gets a long answer compressed when it asks for it', async () => {
    const description = 'long '.repeat(1_000);
    await ask(
      'POST',
      `${api}/registered-models/create`,
      { authorization, 'content-type': 'application/json' },
      JSON.stringify({ name: 'big', description }),
    );
    const get = (encoding: string) =>
      ask('GET', `${api}/registered-models/get?name=big`, { authorization, 'accept-encoding': encoding });
    const [packed, plain, refused] = [await get('gzip, deflate'), await get('identity'), await get('gzip;q=0')];
    expect([packed.headers['content-encoding'], packed.headers.vary]).toEqual(['gzip', 'Accept-Encoding']);
    expect([plain, refused].map(({ headers }) => headers['content-encoding'])).toEqual([undefined, undefined]);
    expect(packed.body).toBe(plain.body);
  });

  it('may ask for the headers of a GET alone', async () => {
    const head = (path: string) =>
      registry(new Request(`http://localhost${api}/${path}`, { method: 'HEAD', headers: { authorization } }), {
        params: Promise.resolve({ path: path.replace(/\?.*/, '').split('/') }),
      });
    expect((await head('registered-models/search')).status).toBe(200);
    expect((await head('registered-models/get?name=none')).status).toBe(404);
    expect((await head('registered-models/get')).status).toBe(400);
  });

  it('is only a plain one: everything else is the framework’s', () => {
    const direct = (method: string, path: string) => directPath(method, `/api/2.0/mlflow/${path}`);
    expect(direct('GET', 'registered-models/get?name=a/b')).toBe('registered-models/get');
    expect(direct('GET', 'webhooks/0b0e3c8e-8e3c-4c6e-9a7c-2f6a1d1e2f3a')).toMatch(/^webhooks\//);
    const others = ['registered-models/', 'registered-models//get', 'registered%2Dmodels/get', '../x', ''];
    expect(others.map((path) => direct('GET', path))).toEqual(others.map(() => undefined));
    expect(['HEAD', 'OPTIONS', 'PUT'].map((method) => direct(method, 'registered-models/get'))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(directPath('GET', '/api/v1/models')).toBeUndefined();
    expect(directPath('GET', '/mlflow/team-a/api/2.0/mlflow/registered-models/get')).toBe('registered-models/get');
    expect(directPath('GET', '/mlflow/team-a/?to=/api/2.0/mlflow/registered-models/get')).toBeUndefined();
  });
});

describe('a message of node:http', () => {
  it('reads like the web’s own request', async () => {
    const headers = { 'content-type': 'text/plain', 'x-some': ['one', 'two'] };
    const told: Record<string, unknown>[] = [];
    look = async (incoming) => {
      const web = incoming.request();
      const names = ['content-type', 'x-some', 'X-Some', 'absent'];
      told.push({
        mine: names.map((name) => incoming.headers.get(name)),
        theirs: names.map((n) => web.headers.get(n)),
      });
      return JSON.stringify({ text: await web.text(), query: incoming.url.searchParams.get('q') });
    };
    const answer = await ask('POST', '/x?q=%C3%BC', headers, 'some text');
    look = undefined;
    expect(JSON.parse(answer.body)).toEqual({ text: 'some text', query: 'ü' });
    expect(told[0]!.mine).toEqual(told[0]!.theirs);
  });

  it('of which no more is read than asked for', async () => {
    const read = (max: number) =>
      fromRequest(new Request('http://x', { method: 'POST', body: 'abcd' }))
        .read(max)
        .then((bytes) => bytes?.length);
    expect([await read(4), await read(3)]).toEqual([4, undefined]);
  });
});
