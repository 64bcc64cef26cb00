import { expect, test } from '@playwright/test';

test('one command brings up a server that answers a browser', async ({ page }) => {
  const answer = await page.goto('/api/health');
  expect(answer?.status()).toBe(200);
});

test('a page runs the scripts it was sent with and no others', async ({ page }) => {
  const refused: string[] = [];
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) refused.push(message.text());
  });
  for (const path of ['/sign-in', '/nowhere']) {
    const answer = await page.goto(path);
    expect(answer?.headers()['content-security-policy']).toMatch(/script-src 'nonce-[\w+/]{22}==' 'strict-dynamic';/);
    await expect(page.locator('html')).toHaveAttribute('data-theme', /light|dark/);
  }
  expect(refused).toEqual([]);
  await page.evaluate(() =>
    document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="document.title=1">'),
  );
  await expect.poll(() => refused.length).toBe(1);
  expect(await page.title()).toBe('Plumbline');
});

const SEARCH = '/api/2.0/mlflow/registered-models/search';
// One endpoint twice: answered beside Next, and, for the encoded hyphen, by it.
const SEARCHES = [SEARCH, SEARCH.replace('d-m', 'd%2Dm')];

for (const path of ['/api/health', ...SEARCHES]) {
  test(`answers of ${path} carry the headers that keep other sites out`, async ({ request }) => {
    const headers = (await request.get(path)).headers();
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('same-origin');
    expect(headers['x-powered-by']).toBeUndefined();
  });
}

for (const path of SEARCHES.flatMap((search) => [`/team-a${search}`, `/v1.2/team%20a${search}`])) {
  test(`the registry answers at ${path} too`, async ({ request }) => {
    const answer = await request.get(path);
    expect([answer.status(), (await answer.json()).error_code]).toEqual([401, 'UNAUTHENTICATED']);
  });
}
