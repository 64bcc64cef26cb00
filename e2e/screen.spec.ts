import { expect, type Page, test } from '@playwright/test';
import { awake, expectAccessible, signIn } from './people.ts';

/** Every fact the screen shows, by its name: what must not differ between lenses. */
const facts = (page: Page): Promise<Record<string, string>> =>
  page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll<HTMLElement>('[data-fact]')].map((held) => [
        held.dataset.fact ?? '',
        held.dataset.value ?? '',
      ]),
    ),
  );

test('the three lenses change words and order, never a number', async ({ browser }) => {
  const { page, context, complaints } = await signIn(browser, 'viewer@demo.local', '/?m=churn-eu');
  const seen: { facts: Record<string, string>; words: string | null }[] = [];
  for (const lens of ['Product', 'Data', 'Ops']) {
    await page.getByRole('button', { name: lens, exact: true }).click();
    await expect(page).toHaveURL(new RegExp(`lens=${lens.toLowerCase()}`));
    seen.push({ facts: await facts(page), words: await page.locator('main').textContent() });
  }
  expect(Object.keys(seen[0]!.facts).length).toBeGreaterThan(5);
  expect(seen[1]!.facts).toEqual(seen[0]!.facts);
  expect(seen[2]!.facts).toEqual(seen[0]!.facts);
  expect(new Set(seen.map(({ words }) => words)).size).toBe(3);
  expect(complaints).toEqual([]);
  await context.close();
});

test('an address holds what is selected: somebody else sees the same', async ({ browser }) => {
  const first = await signIn(browser, 'data@demo.local', '/?m=car-loan');
  await first.page.getByLabel('Period, in').selectOption('365d');
  await first.page.getByRole('tab', { name: 'Limits' }).click();
  await expect(first.page).toHaveURL(/w=365d/);
  await expect(first.page).toHaveURL(/panel=limits/);
  const { pathname, search } = new URL(first.page.url());
  const other = await signIn(browser, 'viewer@demo.local', pathname + search);
  await expect(other.page.getByRole('heading', { level: 1 })).toHaveText('car-loan');
  await expect(other.page.getByRole('tab', { name: 'Limits' })).toHaveAttribute('aria-selected', 'true');
  await expect(other.page.getByLabel('Period, in')).toHaveValue('365d');
  await first.context.close();
  await other.context.close();
});

test('the address names the model that is shown, and no other is shown than it names', async ({ browser }) => {
  const { page, context, complaints } = await signIn(browser, 'viewer@demo.local', '/');
  const name = await page.getByRole('heading', { level: 1 }).textContent();
  await expect(page).toHaveURL(new RegExp(`m=${name}`));
  await page.goto('/?m=renamed-long-ago');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('No model called renamed-long-ago');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Show the model that is worst off' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name!);
  await page.goto('/no/such/page');
  await page.getByRole('link', { name: 'To the screen' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name!);
  expect(complaints.filter((said) => !said.includes('404'))).toEqual([]);
  await context.close();
});

test('a model that cannot be read is not shown as another, and is tried again', async ({ browser }) => {
  const { page, context } = await signIn(browser, 'viewer@demo.local', '/?m=churn-eu');
  const reads = /\/api\/v1\/board\?.*m=fraud-card/;
  await page.route(reads, (route) => route.abort());
  await page.locator('[data-row="fraud-card"]').click();
  const main = page.getByRole('main');
  await expect(main.getByRole('alert')).toContainText('The server did not answer. What you see is from');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('fraud-card');
  await expect(main.getByText('Ranking quality')).toHaveCount(0);
  await page.unroute(reads);
  await main.getByRole('button', { name: 'Try again' }).click();
  await expect(main.getByRole('region', { name: 'Goals' })).toContainText('Fraud caught');
  await expect(main.getByRole('alert')).toHaveCount(0);
  await context.close();
});

test('what was decided stays in sight, however much has been said since', async ({ browser }) => {
  const { page, context, complaints } = await signIn(browser, 'ops@demo.local', '/?m=returns-risk');
  const subject = { type: 'model', id: 'returns-risk' };
  const say = (body: string) => page.request.post('/api/v1/comments', { data: { model: subject.id, subject, body } });
  for (let n = 1; n <= 70; n += 1) await say(`Remark ${n}`);
  await page.getByRole('tab', { name: /Activity/ }).click();
  const rail = page.getByRole('complementary', { name: 'Decisions' });
  await rail.getByLabel('Show', { exact: true }).selectOption('deployments');
  await expect(rail.getByText('deployed a version (version 1)')).toBeVisible();
  await rail.getByLabel('Show', { exact: true }).selectOption('');
  await expect(rail.getByText('Remark 70')).toBeVisible();
  await expect(rail.getByText('registered the model')).toHaveCount(0);
  // What is said while the page before is on its way has what there is read again, and the page comes all the same.
  await page.route('**/api/v1/audit?*cursor=*', async (route) => {
    await page.unroute('**/api/v1/audit?*cursor=*');
    await say('Remark 71');
    await expect(rail.getByText('Remark 71')).toBeVisible();
    await route.continue().catch(() => undefined);
  });
  await rail.getByRole('button', { name: 'Show what was before' }).click();
  await expect(rail.getByText('registered the model')).toBeVisible();
  await expect(rail.getByText(/^Remark \d+$/)).toHaveCount(71);
  expect(complaints).toEqual([]);
  await context.close();
});

test('until outcomes arrive the estimate is drawn, and C leads to the comment before Activity was ever opened', async ({
  browser,
}) => {
  const { page, context, complaints } = await signIn(browser, 'viewer@demo.local', '/?m=churn-eu&w=24h');
  const chart = page.locator('figure[data-chart="performance"]');
  await expect(chart).toContainText('No outcomes have arrived for these rows yet. Dotted: estimate');
  await chart.getByRole('button', { name: /as a table|Table/ }).click();
  await expect(chart.getByRole('columnheader', { name: 'Estimated' })).toBeVisible();
  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('c');
  await expect(page.getByLabel('Comment', { exact: true }).and(page.locator('textarea'))).toBeFocused();
  expect(complaints).toEqual([]);
  await context.close();
});

test('a limit is moved, tried and given its reason without a scroll, and a goal goes only after a second word', async ({
  browser,
}) => {
  const { page, context, complaints } = await signIn(browser, 'product@demo.local', '/?m=churn-eu');
  await page.getByRole('tab', { name: 'Limits' }).click();
  const goal = page.getByRole('form', { name: 'Goal Ranking quality' });
  for (const field of [
    goal.getByLabel('Limit', { exact: true }),
    goal.getByTestId('preview'),
    goal.getByLabel(/^Reason/),
    goal.getByRole('button', { name: /^Save as version/ }),
  ])
    await expect(field).toBeInViewport({ ratio: 1 });
  await page.getByLabel('Which one').selectOption({ label: '✓ Churn caught' });
  const own = page.getByRole('form', { name: 'Goal Churn caught' });
  await own.getByLabel(/^Reason/).fill('Only the limit was meant to move.');
  await own.getByRole('button', { name: 'Stop watching' }).click();
  await expectAccessible(page);
  await own.getByRole('button', { name: 'Keep it' }).click();
  await expect(own.getByRole('button', { name: 'Stop watching it' })).toHaveCount(0);
  await expect(page.getByLabel('Which one').locator('option:checked')).toHaveText('✓ Churn caught');
  expect(complaints).toEqual([]);
  await context.close();
});

for (const [width, height] of [
  [1440, 900],
  [1024, 768],
  [390, 844],
] as const) {
  test(`at ${width} by ${height} the page itself does not scroll, and nobody meets a barrier`, async ({ browser }) => {
    const { page, context, complaints } = await signIn(browser, 'product@demo.local', '/?m=churn-eu');
    await page.setViewportSize({ width, height });
    await page.goto('/?m=churn-eu');
    await expect(page.getByRole('status').first()).toHaveText(/Live/);
    const size = await page.evaluate(() => {
      const { scrollHeight, scrollWidth } = document.documentElement;
      return [scrollWidth, scrollHeight];
    });
    expect(size).toEqual([width, height]);
    await expectAccessible(page);
    expect(complaints).toEqual([]);
    await context.close();
  });
}

test('the catalogue forgives a typo, and narrows to what its counts promise', async ({ browser }) => {
  const { page, context, complaints } = await signIn(browser, 'viewer@demo.local');
  const list = page.getByRole('navigation', { name: 'Models' });
  const rows = list.locator('[data-row]');
  await list.getByLabel('Search models').fill('chrun');
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toHaveAttribute('data-row', 'churn-eu');
  await list.getByLabel('Search models').fill('');

  await list.getByRole('button', { name: 'Filter and sort' }).click();
  const risk = list.getByLabel('Risk');
  const high = (await risk.locator('option[value="high"]').textContent())!;
  await risk.selectOption('high');
  await expect(rows).toHaveCount(Number(/\((\d+)\)/.exec(high)![1]));
  await expect(page).toHaveURL(/tier=high/);
  await expectAccessible(page);
  await page.reload();
  await awake(page);
  await expect(list.getByLabel('Risk')).toHaveValue('high');
  await list.getByRole('button', { name: 'Clear' }).click();
  await expect(page).not.toHaveURL(/tier=/);
  expect(complaints).toEqual([]);
  await context.close();
});

test('a question about rows is taken back when its dialog is closed before the answer', async ({ browser }) => {
  const { page, context } = await signIn(browser, 'viewer@demo.local', '/?m=credit-thin-file');
  const questions = '**/segments?*';
  await page.route(questions, () => undefined);
  const asked = page.waitForRequest(questions);
  await page.getByRole('button', { name: 'Segments' }).click();
  const url = (await asked).url();
  const takenBack = page.waitForEvent('requestfailed', (request) => request.url() === url);
  await page.keyboard.press('Escape');
  expect((await takenBack).failure()?.errorText).toBe('net::ERR_ABORTED');
  await page.unroute(questions);
  await page.getByRole('button', { name: 'Segments' }).click();
  await expect(page.getByRole('dialog').getByRole('table')).toBeVisible();
  await context.close();
});

test('versions, segments and saved views are there for everybody, and without barriers', async ({ browser }) => {
  const { page, context, complaints } = await signIn(browser, 'viewer@demo.local', '/?m=credit-thin-file');
  const dialog = page.getByRole('dialog');
  await page.locator('[data-fact="live:credit-thin-file"]').click();
  await expect(dialog.getByRole('heading', { name: 'Lineage' })).toBeVisible();
  await expect(dialog.getByText('Evidenced')).toBeVisible();
  await expect(dialog.getByRole('row', { name: /roc_auc/ })).toContainText('+');
  await expectAccessible(page);
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Segments' }).click();
  await expect(dialog.getByRole('table')).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole('tab', { name: 'Drivers' }).click();
  await expect(dialog.getByRole('row', { name: /^debt_ratio/ })).toContainText('%');
  await expect(dialog.getByText('No attributions have been sent.')).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole('tab', { name: 'Fairness' }).click();
  await expect(dialog.getByText('Nobody may be declined for their age.')).toBeVisible();
  await expect(dialog.getByRole('row', { name: /^over 60/ }).first()).toContainText('%');
  const change = dialog.getByRole('button', { name: 'Change the protected columns' });
  await expect(change).toHaveAttribute('aria-disabled', 'true');
  await expectAccessible(page);
  await page.keyboard.press('Escape');

  const name = `Risky ${Date.now().toString(36)}`;
  const list = page.getByRole('navigation', { name: 'Models' });
  await list.getByRole('button', { name: 'Filter and sort' }).click();
  await list.getByLabel('Risk').selectOption('high');
  await list.getByLabel('Save this view as').fill(name);
  await list.getByRole('button', { name: 'Save', exact: true }).click();
  await list.getByRole('button', { name: 'Clear' }).click();
  await list.getByRole('button', { name, exact: true }).click();
  await expect(page).toHaveURL(/tier=high/);
  await list.getByRole('button', { name: `Delete the view ${name}` }).click();
  await expect(list.getByRole('button', { name, exact: true })).toHaveCount(0);

  const [picture] = await Promise.all([
    page.waitForEvent('download'),
    page
      .locator('[data-chart="focus"]')
      .getByRole('button', { name: /as PNG/ })
      .click(),
  ]);
  expect(picture.suggestedFilename()).toBe('focus.png');
  expect(complaints).toEqual([]);
  await context.close();
});

test('what data must look like is there for everybody, and data changes it with a reason', async ({ browser }) => {
  const opened = async (email: string) => {
    const person = await signIn(browser, email, '/?m=car-loan');
    const dialog = person.page.getByRole('dialog');
    await person.page.getByRole('tab', { name: 'Data', exact: true }).click();
    await expect(person.page).toHaveURL(/panel=data/);
    await person.page.getByRole('button', { name: 'Data contract' }).click();
    await expect(dialog.getByRole('row', { name: /salary_range/ })).toContainText('only');
    await expectAccessible(person.page);
    return { ...person, dialog };
  };
  const viewer = await opened('viewer@demo.local');
  await expect(viewer.dialog.getByRole('button', { name: 'Change these' })).toHaveAttribute('aria-disabled', 'true');
  await expect(viewer.dialog.getByRole('button', { name: 'Change car_value' })).toHaveCount(0);
  await viewer.context.close();

  const data = await opened('data@demo.local');
  await data.dialog.getByRole('button', { name: 'Change car_value' }).click();
  const highest = 100_000 + Math.floor(Date.now() / 1000);
  await data.dialog.getByLabel('Highest').fill(String(highest));
  await expect(data.dialog.getByText(`→ 10011 to ${highest}`)).toBeVisible();
  await data.dialog.getByLabel('Why').fill('Cars above this are typing mistakes.');
  await expectAccessible(data.page);
  await data.dialog.getByRole('button', { name: /Save as version/ }).click();
  const newest = data.dialog.getByRole('listitem').filter({ hasText: 'Cars above this are typing mistakes.' }).first();
  await expect(newest).toContainText(String(highest));
  expect([...viewer.complaints, ...data.complaints]).toEqual([]);
  await data.context.close();
});
