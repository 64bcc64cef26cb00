import { expect, test } from '@playwright/test';

test('one command brings up a server that answers a browser', async ({ page }) => {
  const answer = await page.goto('/api/health');
  expect(answer?.status()).toBe(200);
});

test('answers carry the headers that keep other sites out', async ({ request }) => {
  const headers = (await request.get('/api/health')).headers();
  expect(headers['x-frame-options']).toBe('DENY');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['x-powered-by']).toBeUndefined();
});
