import { type Browser, expect, type Page, test } from '@playwright/test';
import { expectAccessible, PASSWORD, signIn } from './people.ts';

const menu = async (page: Page, item: string) => {
  await page.getByRole('button', { name: /account and settings/ }).click();
  await page.getByRole('menuitem', { name: item }).click();
  return page.getByRole('dialog');
};

/** By the form, whatever the account and the password. */
async function enter(browser: Browser, email: string, password: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  return page;
}

test('who is signed out while they write signs in over the screen, and sends what they wrote', async ({ browser }) => {
  const { page, context } = await signIn(browser, 'viewer@demo.local', '/?m=demand-weekly');
  await page.getByRole('tab', { name: /Activity/ }).click();
  const words = `Still here ${Date.now()}`;
  const box = page.getByRole('form', { name: 'Comment' });
  await box.getByLabel('Comment', { exact: true }).fill(words);
  await context.clearCookies();
  await box.getByRole('button', { name: 'Comment' }).click();

  const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
  await expect(dialog.getByLabel('E-mail')).toHaveValue('viewer@demo.local');
  await expectAccessible(page);
  await dialog.getByLabel('Password').fill('not the password');
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(dialog.getByRole('alert')).toContainText('do not go together');
  await dialog.getByLabel('Password').fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(dialog).toHaveCount(0);

  await expect(box.getByLabel('Comment', { exact: true })).toHaveValue(words);
  await box.getByRole('button', { name: 'Comment' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: words })).toBeVisible();
  await context.close();
});

test('an administrator gives roles and a new password, which its person then makes their own', async ({ browser }) => {
  const { page, context, complaints } = await signIn(browser, 'admin@demo.local');
  const email = `nele-${Date.now()}@demo.local`;
  const [first, reset, own] = ['the first password', 'one for a day or so', 'nobody else knows it'];
  const people = await menu(page, 'People');
  const add = people.locator('form').last();
  await add.getByLabel('E-mail').fill(email);
  await add.getByLabel('Name').fill('Nele');
  await add.getByLabel('First password').fill(first);
  await add.getByLabel('viewer').check();
  await add.getByRole('button', { name: 'Add' }).click();

  const entry = people.getByRole('listitem').filter({ hasText: email });
  await entry.getByRole('button', { name: 'Edit Nele' }).click();
  await entry.getByLabel('ops').check();
  await entry.getByLabel('New password').fill(reset);
  await expectAccessible(page);
  await entry.getByRole('button', { name: 'Save' }).click();
  await expect(entry).toContainText('ops, viewer');
  await context.close();

  const theirs = await enter(browser, email, reset);
  const change = await menu(theirs, 'Change password');
  await change.getByLabel('Present password').fill(first);
  await change.getByLabel('New password').fill(own);
  await change.getByRole('button', { name: 'Change the password' }).click();
  await expect(change.getByLabel('Present password')).toHaveAccessibleDescription('is not your password');
  await expectAccessible(theirs);
  await change.getByLabel('Present password').fill(reset);
  await change.getByRole('button', { name: 'Change the password' }).click();
  await expect(change).toHaveCount(0);
  await theirs.context().close();

  const refused = await enter(browser, email, reset);
  await expect(refused.locator('form').getByRole('alert')).toContainText('do not go together');
  await refused.context().close();
  const again = await enter(browser, email, own);
  await expect(again.getByRole('heading', { level: 1 })).toBeVisible();
  await again.context().close();
  expect(complaints).toEqual([]);
});

test('a token says how long it holds, and goes only after a second word', async ({ browser }) => {
  const { page, context, complaints } = await signIn(browser, 'data@demo.local');
  const tokens = await menu(page, 'API tokens');
  await tokens.getByLabel('What it is for').fill('nightly');
  await tokens.getByLabel('Valid for').selectOption({ label: 'Until it is revoked' });
  await tokens.getByRole('button', { name: 'Make a token' }).click();
  const entry = tokens.getByRole('listitem').filter({ hasText: 'nightly' });
  await expect(entry).toContainText('until it is revoked');
  await entry.getByRole('button', { name: 'Revoke nightly' }).click();
  await expectAccessible(page);
  await entry.getByRole('button', { name: 'Keep it' }).click();
  await entry.getByRole('button', { name: 'Revoke nightly' }).click();
  await entry.getByRole('button', { name: 'Revoke it' }).click();
  await expect(entry).toHaveCount(0);
  expect(complaints).toEqual([]);
  await context.close();
});
