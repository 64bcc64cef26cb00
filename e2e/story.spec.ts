import { type APIResponse, expect, test } from '@playwright/test';
import { awake, expectAccessible, type Person, signIn } from './people.ts';
import { observationsCsv, ROLES, referenceCsv } from './sample-data.ts';

const MODEL = `story-${Date.now().toString(36)}`;
const PAGE = `/?m=${MODEL}`;
const today = Math.floor(Date.now() / 86_400_000) * 86_400_000;

async function answer<T>(response: APIResponse, status: number): Promise<T> {
  expect(response.status(), await response.text()).toBe(status);
  return (await response.json()) as T;
}

type Request = { id: number; revision: number; evidenceHash: string; state: string };

test('three roles take a version from registration to live and back, each seeing what the others do', async ({
  browser,
}) => {
  test.setTimeout(300_000);
  const data = await signIn(browser, 'data@demo.local');
  const product = await signIn(browser, 'product@demo.local');
  const ops = await signIn(browser, 'ops@demo.local');
  const validator = await signIn(browser, 'validator@demo.local');
  const everybody = [data, product, ops, validator];
  const post = (person: Person, path: string, body: unknown) => person.context.request.post(path, { data: body });

  await test.step('version 1 is live already', async () => {
    await answer(await post(data, '/api/v1/models', { name: MODEL, tier: 'high', title: 'The story' }), 201);
    await answer(
      await post(data, `/api/v1/models/${MODEL}/versions`, { source: 's3://models/story/1', digest: 'sha256:story-1' }),
      201,
    );
    const asked = await answer<Request>(
      await post(data, '/api/v1/approvals', {
        model: MODEL,
        version: 1,
        environment: 'production',
        reason: 'The first release of the story.',
      }),
      201,
    );
    for (const [person, as] of [
      [product, 'product'],
      [validator, 'validator'],
      [ops, 'ops'],
    ] as const) {
      const vote = { decision: 'approve', as, revision: asked.revision, evidenceHash: asked.evidenceHash };
      await answer(await post(person, `/api/v1/approvals/${asked.id}/decide`, vote), 200);
    }
    await answer(await post(ops, `/api/v1/approvals/${asked.id}/deploy`, {}), 200);
  });

  for (const person of everybody) {
    await person.page.goto(PAGE);
    await awake(person.page);
    await expect(person.page.getByRole('heading', { level: 1 })).toHaveText(MODEL);
  }
  await expectAccessible(data.page);

  await test.step('an MLflow client registers version 2, and everybody sees it', async () => {
    const { token } = await answer<{ token: string }>(
      await post(data, '/api/v1/tokens', {
        name: 'training job',
        scopes: ['registry:write', 'data:write'],
        expiresInDays: 1,
      }),
      201,
    );
    const client = { authorization: `Bearer ${token}`, 'user-agent': 'mlflow-python-client/3.6.0' };
    const made = await browser.newContext();
    const created = await made.request.post('/api/2.0/mlflow/model-versions/create', {
      headers: client,
      data: { name: MODEL, source: 'models:/m-0123456789abcdef', run_id: '' },
    });
    expect((await answer<{ model_version: { version: string } }>(created, 200)).model_version.version).toBe('2');
    const alias = await made.request.post('/api/2.0/mlflow/registered-models/alias', {
      headers: client,
      data: { name: MODEL, alias: 'champion', version: '2' },
    });
    expect((await answer<{ error_code: string }>(alias, 403)).error_code).toBe('PERMISSION_DENIED');
    const upload = (kind: 'reference' | 'observations', body: string) => {
      const path = `/api/v1/models/${MODEL}/versions/2/${kind}?${ROLES}${kind === 'observations' ? '&wait=30' : ''}`;
      return made.request.fetch(path, {
        method: kind === 'reference' ? 'PUT' : 'POST',
        headers: { ...client, 'content-type': 'text/csv' },
        data: body,
      });
    };
    await answer(await upload('reference', referenceCsv(today)), 201);
    const batch = await answer<{ state: string; windows: number }>(
      await upload('observations', observationsCsv(today)),
      202,
    );
    expect(batch).toMatchObject({ state: 'done', windows: 20 });
    const again = await answer<{ batchId: string }>(await upload('observations', observationsCsv(today)), 202);
    expect(again).toMatchObject({ batchId: (batch as unknown as { batchId: string }).batchId });
    await made.close();
    await expect(product.page.locator('figure[data-chart]').first()).toBeVisible();
  });

  await test.step('product sets a limit; the breach opens an incident that all see', async () => {
    const { page } = product;
    await page.getByRole('tab', { name: 'Limits' }).click();
    await expect(page.getByRole('heading', { name: 'New goal' })).toBeVisible();
    const goal = page.getByRole('form', { name: 'New goal' });
    await goal.getByLabel('Name', { exact: true }).fill('Right answers');
    await goal.getByLabel('Metric').selectOption('accuracy');
    await goal.getByLabel('Kind').selectOption('business_kpi');
    await goal.getByLabel('Target', { exact: true }).fill('0.9');
    await goal.getByLabel('Watch from', { exact: true }).fill('0.8');
    await goal.getByLabel('Limit', { exact: true }).fill('0.7');
    await goal.getByLabel('Period, days').fill('1');
    await goal.getByLabel('Needs rows').fill('50');
    await goal.getByLabel('Reason').fill('Below this the old rules did better.');
    await expectAccessible(page);
    await goal.getByRole('button', { name: 'Set this goal' }).click();
    for (const person of [product, data, ops]) {
      await person.page.getByRole('tab', { name: /Decide/ }).click();
      await expect(person.page.getByRole('article', { name: /Right answers, incident/ })).toBeVisible({
        timeout: 10_000,
      });
    }
    await expectAccessible(ops.page);
  });

  await test.step('data asks; its own signature is refused, on the screen and by the server', async () => {
    const { page } = data;
    await page.getByLabel('Version', { exact: true }).selectOption('2');
    await page.getByLabel('What changes, and why now').fill('Version 2 is trained on this year’s data.');
    await page.getByRole('button', { name: 'Ask for agreement' }).click();
    await expect(page.getByRole('heading', { name: /put v2 live/ })).toBeVisible();
    await expect(page.getByRole('button', { name: /^Approve/ })).toHaveAttribute('aria-disabled', 'true');
    await expect(page.locator('p').filter({ hasText: 'somebody else must agree' })).toBeVisible();
    const [request] = (
      await answer<{ items: Request[] }>(
        await data.context.request.get(`/api/v1/approvals?model=${MODEL}&state=in_review`),
        200,
      )
    ).items;
    const own = { decision: 'approve', as: 'data', revision: request!.revision, evidenceHash: request!.evidenceHash };
    const refusal = await answer<{ code: string }>(
      await post(data, `/api/v1/approvals/${request!.id}/decide`, own),
      403,
    );
    expect(refusal.code).toBe('own_request');
    await expectAccessible(page);
  });

  await test.step('three different people sign what they see', async () => {
    for (const [person, as] of [
      [product, 'Product'],
      [validator, 'Validator'],
      [ops, 'Ops'],
    ] as const) {
      const { page } = person;
      await page.getByRole('button', { name: `Approve as ${as}` }).click();
      const confirm = page.getByRole('form', { name: /Approve: request/ });
      await expect(confirm).toBeVisible();
      await confirm.getByRole('button', { name: `Approve as ${as}` }).click();
      await expect(confirm).toBeHidden();
    }
    await expectAccessible(ops.page);
  });

  await test.step('operations deploys; everybody sees version 2 live without reloading', async () => {
    await ops.page.getByRole('button', { name: 'Deploy v2 to production' }).click();
    for (const person of everybody) {
      await expect(person.page.locator(`[data-fact="live:${MODEL}"]`)).toHaveAttribute('data-value', '2');
    }
  });

  await test.step('operations goes back in one step', async () => {
    const { page } = ops;
    await page.getByRole('region', { name: 'Deployments' }).getByRole('button').first().click();
    await page.getByRole('dialog').getByLabel('Reason').fill('The answers got worse at once.');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Roll back now' }).click();
    for (const person of everybody) {
      await expect(person.page.locator(`[data-fact="live:${MODEL}"]`)).toHaveAttribute('data-value', '1');
    }
  });

  await test.step('the trail tells it in order, to all, and verifies', async () => {
    const told = [
      'models.register',
      'models.register-version',
      'measurements.upload',
      'kpis.create',
      'incidents.evaluate',
      'approvals.create',
      'approvals.decide',
      'deployments.deploy',
      'deployments.rollback',
    ];
    const { items } = await answer<{ items: { action: string }[] }>(
      await product.context.request.get(`/api/v1/audit?subject=${MODEL}&limit=200`),
      200,
    );
    const actions = items.map((item) => item.action).reverse();
    const later = (after: number, action: string) => actions.indexOf(action, after);
    // The second version, its data, the limit, the breach, the request, its signatures, the deployment, the way back.
    let position = actions.indexOf('deployments.deploy');
    for (const action of told.slice(1)) {
      const next = later(position + 1, action);
      expect(next, `${action} after ${position}`).toBeGreaterThan(position);
      position = next;
    }
    expect(await answer(await product.context.request.get('/api/v1/audit/verify'), 200)).toMatchObject({ ok: true });
    await product.page.getByRole('tab', { name: /Activity/ }).click();
    await expectAccessible(product.page);
  });

  expect(everybody.flatMap((person) => person.complaints)).toEqual([]);
  for (const person of everybody) await person.context.close();
});
