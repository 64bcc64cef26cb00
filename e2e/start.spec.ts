import { expect, test } from '@playwright/test';

test('one command brings up a server that answers a browser', async ({ page }) => {
  const answer = await page.goto('/api/health');
  expect(answer?.status()).toBe(200);
});

// The last two are one endpoint: answered beside Next, and, for the encoded hyphen, by it.
for (const path of [
  '/api/health',
  '/api/2.0/mlflow/registered-models/search',
  '/api/2.0/mlflow/registered%2Dmodels/search',
]) {
  test(`answers of ${path} carry the headers that keep other sites out`, async ({ request }) => {
    const headers = (await request.get(path)).headers();
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('same-origin');
    expect(headers['x-powered-by']).toBeUndefined();
  });
}
