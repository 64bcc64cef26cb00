import { request as httpRequest } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from '@playwright/test';
import { signIn } from './people.ts';
import { observationsCsv, ROLES, referenceCsv } from './sample-data.ts';

/** A line to the server that can be cut like a cable, and mended. */
class Line {
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((near) => {
    if (this.isCut) return near.destroy();
    const far = connect(this.port, '127.0.0.1');
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  private readonly port: number;
  private isCut = false;

  constructor(port: number) {
    this.port = port;
  }

  async open(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}

test('a screen whose line was cut says so, and catches up by itself', async ({ browser, baseURL }) => {
  const line = new Line(Number(new URL(baseURL!).port));
  const cabled = await line.open();
  const model = '/?m=churn-eu&panel=activity';
  const ops = await signIn(browser, 'ops@demo.local');
  const product = await signIn(browser, 'product@demo.local', model);
  await product.page.goto(`${cabled}${model}`);
  const live = product.page.getByRole('status').first();
  await expect(live).toHaveText(/Live/);

  const said = `Said while the line was cut, ${Date.now()}.`;
  line.cut();
  await expect(live).toHaveText(/Not live since .*, retrying/);
  const subject = { type: 'model', id: 'churn-eu' };
  const sent = await ops.context.request.post('/api/v1/comments', { data: { model: 'churn-eu', subject, body: said } });
  expect(sent.status()).toBe(201);
  line.mend();
  await expect(product.page.getByText(said)).toBeVisible();
  await expect(live).toHaveText(/Live/);

  const next = `Said on the mended line, ${Date.now()}.`;
  await ops.context.request.post('/api/v1/comments', { data: { model: 'churn-eu', subject, body: next } });
  await expect(product.page.getByText(next)).toBeVisible();
  line.close();
  await ops.context.close();
  await product.context.close();
});

test('a screen that is slow to read follows changes that never cease', async ({ browser }) => {
  const ops = await signIn(browser, 'ops@demo.local');
  const product = await signIn(browser, 'product@demo.local', '/?m=churn-eu&panel=activity');
  let reads = 0;
  await product.page.route('**/api/v1/board?*', async (route) => {
    reads += 1;
    const answer = await route.fetch();
    await new Promise((late) => setTimeout(late, 900));
    await route.fulfill({ response: answer }).catch(() => undefined);
  });
  const say = (model: string, body: string) =>
    ops.context.request.post('/api/v1/comments', { data: { model, subject: { type: 'model', id: model }, body } });
  let talking = true;
  const talk = async () => {
    for (let n = 1; talking; n += 1) expect((await say('recommend-home', `Said ${n} times.`)).status()).toBe(201);
  };
  const said = `Said among many, ${Date.now()}.`;
  expect((await say('churn-eu', said)).status()).toBe(201);
  const talked = talk();
  await expect(product.page.getByText(said)).toBeVisible();
  const before = reads;
  await expect.poll(() => reads, { timeout: 10_000 }).toBeGreaterThan(before + 1);
  talking = false;
  await talked;
  await product.context.close();
  await ops.context.close();
});

const MB = 1_000_000;

test('a 30 MB upload that is cut in the middle leaves nothing, and the next one counts', async ({
  browser,
  baseURL,
}) => {
  const { context } = await signIn(browser, 'data@demo.local');
  const name = `cut-${Date.now().toString(36)}`;
  const path = `/api/v1/models/${name}/versions/1`;
  const today = Math.floor(Date.now() / 86_400_000) * 86_400_000;
  await context.request.post('/api/v1/models', { data: { name } });
  await context.request.post(`/api/v1/models/${name}/versions`, { data: { source: 's3://models/cut/1' } });
  const csv = { 'content-type': 'text/csv' };
  const reference = await context.request.put(`${path}/reference?${ROLES}`, {
    headers: csv,
    data: referenceCsv(today),
  });
  expect(reference.status()).toBe(201);
  const batches = async () =>
    ((await (await context.request.get(`/api/v1/board?m=${name}`)).json()) as { model: { batches: unknown[] } }).model
      .batches.length;
  const before = await batches();

  const token = (await (
    await context.request.post('/api/v1/tokens', { data: { name: 'cut', scopes: ['data:write'], expiresInDays: 1 } })
  ).json()) as { token: string };
  const good = observationsCsv(today);
  const [header = '', ...rows] = good.trimEnd().split('\n');
  const body = Buffer.from(`${header}\n${`${rows.join('\n')}\n`.repeat(Math.ceil((30 * MB) / good.length))}`);
  const upload = httpRequest(`${baseURL}${path}/observations?${ROLES}`, {
    method: 'POST',
    headers: { ...csv, authorization: `Bearer ${token.token}`, 'content-length': body.length },
  });
  const ended = new Promise((done) => upload.on('close', done).on('error', () => undefined));
  upload.write(body.subarray(0, body.length / 2), () => upload.destroy());
  await ended;

  const whole = await context.request.post(`${path}/observations?${ROLES}&wait=30`, { headers: csv, data: good });
  expect(await whole.json()).toMatchObject({ state: 'done', rows: rows.length });
  expect(await batches()).toBe(before + 1);
  await context.close();
});
