import { expect, test } from '@playwright/test';
import { expectAccessible, signIn } from './people.ts';

test('a webhook is made, tried, read about, paused and deleted on the screen', async ({ browser }) => {
  const { page, context, complaints } = await signIn(browser, 'data@demo.local');
  const name = `hook-${Date.now().toString(36)}`;
  await page.getByRole('button', { name: /account and settings$/ }).click();
  await page.getByRole('menuitem', { name: 'Webhooks' }).click();
  const dialog = page.getByRole('dialog', { name: 'Webhooks' });

  await test.step('an address of this network is refused beside its field', async () => {
    await dialog.getByRole('button', { name: 'New webhook' }).click();
    await dialog.getByLabel('Name', { exact: true }).fill(name);
    await dialog.getByLabel('Address that is told').fill('https://169.254.169.254/latest');
    await dialog.getByLabel('All of them').first().check();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Make the webhook' }).click();
    await expect(dialog.getByRole('alert')).toContainText('Not done');
  });

  const entry = dialog.getByRole('listitem').filter({ hasText: name });
  await test.step('its secret is shown once', async () => {
    await dialog.getByLabel('Address that is told').fill('https://receiver.invalid/models');
    await dialog.getByRole('button', { name: 'Make the webhook' }).click();
    await expect(dialog.getByRole('figure', { name: 'The secret that signs its messages' })).toContainText('whsec_');
    await expect(entry).toContainText('✓ On');
  });

  await test.step('a test that does not arrive says why', async () => {
    await entry.getByRole('button', { name: `Send a test to ${name}` }).click();
    await expect(entry.getByRole('status')).toContainText('The test failed');
  });

  await test.step('what happened is in its log, with what became of it', async () => {
    await context.request.post('/api/v1/models', { data: { name: `${name}-model` } });
    await entry.getByRole('button', { name: `Deliveries of ${name}` }).click();
    const log = entry.getByRole('region', { name: `Deliveries of ${name}` });
    await expect(log.getByRole('listitem').first()).toContainText('models.register', { timeout: 10_000 });
    await expectAccessible(page);
  });

  await test.step('it is paused, resumed and deleted', async () => {
    await entry.getByRole('button', { name: `Pause ${name}` }).click();
    await expect(entry).toContainText('○ Paused');
    await entry.getByRole('button', { name: `Resume ${name}` }).click();
    await expect(entry).toContainText('On');
    await entry.getByRole('button', { name: `Delete ${name}` }).click();
    await entry.getByRole('button', { name: 'Delete it' }).click();
    await expect(entry).toHaveCount(0);
  });

  // The browser itself reports a refused request; nothing else may complain.
  expect(complaints.filter((complaint) => !complaint.includes('400'))).toEqual([]);
});
