import { readFileSync } from 'node:fs';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { awake, expectAccessible, signIn } from './people.ts';

const DRIFT = '/?m=churn-eu&on=drift&f=income';

const figures = (page: Page): Locator => page.locator('figure[data-chart]');
const plotOf = (figure: Locator): Locator => figure.locator('svg[role="group"]');

/** The cells of a table as a file holds them: a dash stands for nothing. */
const cells = (figure: Locator): Promise<string[][]> =>
  figure
    .locator('tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) => [...row.children].map(({ textContent }) => (textContent === '–' ? '' : (textContent ?? '')))),
    );

async function csvOf(page: Page, figure: Locator): Promise<string[]> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    figure.getByRole('button', { name: /as CSV/ }).click(),
  ]);
  return readFileSync(await file.path(), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1);
}

test('every chart has a name, and its table and its file hold the same numbers', async ({ browser }) => {
  const { page, context, complaints } = await signIn(browser, 'data@demo.local', DRIFT);
  await expect(page.getByTestId('distribution').locator('svg').first()).toBeVisible();
  const compare = async (scope: Locator) => {
    const ids = await scope.evaluateAll((held) => held.map((one) => (one as HTMLElement).dataset.chart));
    for (const id of ids) {
      const figure = page.locator(`figure[data-chart="${id}"]`);
      const unnamed = figure.locator('svg:not([aria-hidden]):not([aria-label]):not([aria-labelledby])');
      await expect(unnamed, `${id}: drawings without a name`).toHaveCount(0);
      await figure.locator('[data-toggle-table]').click();
      const file = await csvOf(page, figure);
      await expect(figure.locator('tbody tr'), id).toHaveCount(file.length);
      expect(
        (await cells(figure)).map((row) => row.join(',')),
        id,
      ).toEqual(file.map((line) => line.replaceAll('"', '')));
      const [picture] = await Promise.all([
        page.waitForEvent('download'),
        figure.getByRole('button', { name: /as PNG/ }).click(),
      ]);
      expect(picture.suggestedFilename()).toBe(`${id}.png`);
    }
    return ids;
  };
  expect(await compare(figures(page))).toEqual(['drift-trend', 'performance', 'heat', 'distribution']);
  await page.getByRole('button', { name: 'Segments' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.locator('figure[data-chart="segments"]')).toBeVisible();
  // The parts' windows are read one part after the other.
  const parts = dialog.locator('[data-segment]');
  await expect(parts.locator('svg[role="group"]')).toHaveCount(await parts.count());
  expect(await compare(dialog.locator('figure[data-chart]'))).toEqual(['segments', 'segments-time']);
  await dialog.getByRole('tab', { name: 'Drivers' }).click();
  await expect(dialog.locator('figure[data-chart="importance"]')).toBeVisible();
  expect(await compare(dialog.locator('figure[data-chart]'))).toEqual(['importance']);
  expect(complaints).toEqual([]);
  await context.close();
});

test('the drift of an input is drawn with its noise, its limits and what happened, and read with the keys', async ({
  browser,
}) => {
  const { page, context, complaints } = await signIn(browser, 'data@demo.local', DRIFT);
  const figure = page.locator('figure[data-chart="drift-trend"]');
  const plot = plotOf(figure);
  await expect(plot.locator('path[data-noise]')).toHaveAttribute('d', /^M.+Z$/);
  await expect(plot.locator('path[data-over]')).toHaveCount(1);
  await expect(figure.getByRole('group', { name: 'Events in this period' }).getByRole('button').first()).toBeVisible();

  await plot.focus();
  const said = figure.locator('p[aria-live="polite"]').first();
  await page.keyboard.press('ArrowRight');
  await expect(said).toHaveText(/^\d+ \w{3}, .+, n \d+, /);
  await page.keyboard.press('End');
  await expect(said).toHaveText(/changed a lot, alarm$/);
  // The other charts of time point at the same moment.
  await expect(page.locator('[data-heat-cursor]')).toHaveCount(1);
  const cursors = page.locator('.region-model svg line[stroke-dasharray="2 2"]');
  await expect(cursors).toHaveCount(2);
  await page.keyboard.press('Escape');
  await expect(cursors).toHaveCount(0);

  // E goes from event to event, and Enter on one leads to a menu that pins its moment.
  const heard = figure.locator('p[aria-live="polite"]').last();
  await page.keyboard.press('e');
  await expect(heard).toHaveText(/^\d+ \w{3} \d{4}, .+ \(1 of \d+\)$/);
  await page.keyboard.press('e');
  await expect(heard).toHaveText(/\(2 of \d+\)$/);
  await page.keyboard.press('Shift+E');
  await expect(heard).toHaveText(/\(1 of \d+\)$/);

  // The goal at a pinned moment, for whoever looks and whoever listens.
  await plot.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.getByRole('group', { name: 'Chart of' }).getByRole('button', { name: 'Goal' }).click();
  await expect(page.locator('figure[data-chart="focus"] [data-pinned]')).toHaveText(/^7 d to \d+ \w{3}, /);
  await expectAccessible(page);
  expect(complaints).toEqual([]);
  await context.close();
});

test('a pinned moment is what all panels show, in the address, until it is let go', async ({ browser }) => {
  const { page, context, complaints } = await signIn(browser, 'data@demo.local', DRIFT);
  const plot = plotOf(page.locator('.focus-chart'));
  const pins = page.locator('.region-model svg [data-pin]');
  const distribution = page.locator('figure[data-chart="distribution"]');
  const newest = await distribution.locator('[data-fact]').getAttribute('data-value');
  await plot.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/at=\d{4}-\d{2}-\d{2}T/);
  await expect(page.getByText(/^Charts show \d+ \w{3}\. Escape goes back to the newest\.$/)).toBeAttached();
  await expect(pins).toHaveCount(2);
  await expect(page.locator('[data-heat-pin]')).toHaveCount(1);
  await expect(distribution).toContainText(/^.*\d+ \w{3}: income/);
  await expect(distribution.locator('[data-fact]')).not.toHaveAttribute('data-value', newest!);

  await page.reload();
  await awake(page);
  await expect(pins).toHaveCount(2);
  await page.getByRole('button', { name: 'Segments' }).click();
  await expect(page.getByRole('dialog')).toContainText('the pinned moment');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  // Closing what was on top is one thing, letting go of the moment another.
  await expect(page).toHaveURL(/at=/);
  await page.keyboard.press('Escape');
  await expect(page).not.toHaveURL(/at=/);
  await expect(distribution.locator('[data-fact]')).toHaveAttribute('data-value', newest!);

  const steps = await page.evaluate(() => history.length);
  await page.locator('[data-chart="heat"] [data-cell="0-3"]').click();
  await expect(page).toHaveURL(/at=/);
  const box = (await plot.boundingBox())!;
  await plot.click({ position: { x: box.width - 60, y: 40 } });
  await expect(pins).toHaveCount(2);
  expect(await page.evaluate(() => history.length)).toBe(steps);
  await page.getByRole('button', { name: 'Back to the newest' }).click();
  await expect(pins).toHaveCount(0);
  expect(complaints).toEqual([]);
  await context.close();
});

test('a stretch dragged open is the period of all charts, one step of history, and Z leads back', async ({
  browser,
}) => {
  const { page, context, complaints } = await signIn(browser, 'data@demo.local', DRIFT);
  const plot = plotOf(page.locator('.focus-chart'));
  const performance = plotOf(page.locator('figure[data-chart="performance"]'));
  const steps = () => page.evaluate(() => history.length);
  const period = page.getByLabel('Period, in');
  const box = (await plot.boundingBox())!;
  const [before, named] = [await steps(), await performance.getAttribute('aria-label')];
  await page.mouse.move(box.x + 200, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + 320, box.y + 50, { steps: 8 });
  await page.mouse.up();
  await expect(page).toHaveURL(/w=\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z\.\./);
  await expect(performance).not.toHaveAttribute('aria-label', named!);
  await expect(period.locator('option:checked')).toHaveText(/^\d+ \w{3} to \d+ \w{3}$/);
  expect(await steps()).toBe(before + 1);
  await page.keyboard.press('z');
  await expect(page).not.toHaveURL(/w=/);
  await expect(performance).toHaveAttribute('aria-label', named!);

  const grip = page.getByRole('slider', { name: 'Period starts' });
  const { width, height } = (await grip.boundingBox())!;
  expect(Math.min(width, height)).toBeGreaterThanOrEqual(24);
  const held = Number(await grip.getAttribute('aria-valuenow'));
  await grip.focus();
  await page.keyboard.press('ArrowLeft');
  await expect(page).toHaveURL(/w=/);
  await expect.poll(async () => Number(await grip.getAttribute('aria-valuenow'))).toBeCloseTo(held - 1, 2);
  // Without dragging and without keys.
  await page.getByRole('group', { name: 'Period', exact: true }).getByRole('button', { name: '7 d' }).click();
  await expect(period).toHaveValue('7d');
  expect(complaints).toEqual([]);
  await context.close();
});

test('the first page stays light', async ({ browser }) => {
  const { page, context, complaints } = await signIn(browser, 'data@demo.local', '/?m=churn-eu&w=365d');
  await page.reload();
  await expect(page.getByRole('status').first()).toHaveText(/Live/);
  const html = await (await context.request.get('/?m=churn-eu&w=365d')).text();
  const named = new Set([...html.matchAll(/<script[^>]+src="([^"]+)"/g)].map(([, source]) => source));
  const bytes = await page.evaluate(() =>
    (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).map(
      ({ name, encodedBodySize }) => [new URL(name).pathname + new URL(name).search, encodedBodySize] as const,
    ),
  );
  const first = bytes.filter(([path]) => named.has(path)).reduce((sum, [, size]) => sum + size, 0);
  expect(first).toBeGreaterThan(100_000);
  expect(first, 'bytes of script that the page waits for').toBeLessThan(260_000);
  expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(4_000);
  expect(complaints).toEqual([]);
  await context.close();
});

test('a candidate in the shadow is held against the live version, and a chart keeps its period while the page moves on', async ({
  browser,
}) => {
  const { page, context, complaints } = await signIn(browser, 'data@demo.local', '/?m=credit-thin-file&on=goal');
  await page.getByRole('button', { name: 'See v2 against v1 over time' }).click();
  const figure = page.locator('figure[data-chart="challenger"]');
  await expect(figure).toContainText(
    /v2 against v1 \(live\) in 30 shared windows: roc_auc \+0\.\d+ .* on average, better/,
  );
  const [both, difference] = [plotOf(figure).first(), plotOf(figure).last()];
  await expect(both.locator('path[data-end]')).toHaveCount(1);
  await difference.focus();
  await page.keyboard.press('Home');
  await expect(figure.locator('p[aria-live="polite"]').last()).toHaveText(/v2 0\.\d+, n \d+, difference \+0\.\d+ \(/);
  await figure.locator('[data-toggle-table]').click();
  await expect(figure.locator('tbody tr')).toHaveCount(30);
  expect(await cells(figure)).toHaveLength((await csvOf(page, figure)).length);
  await figure.locator('[data-toggle-table]').click();

  // The page looks at a week, this chart still at its quarter, and so does whoever gets the address.
  await figure.getByRole('button', { name: 'Keep this period on this chart' }).click();
  const mark = page.locator('[data-kept="performance"]');
  const kept = await mark.textContent();
  await page.getByRole('button', { name: '7 d', exact: true }).click();
  await expect(page).toHaveURL(/keep=performance~90d.*w=7d|w=7d.*keep=performance~90d/);
  await expect(figure).toContainText('in 30 shared windows');
  await page.reload();
  await awake(page);
  await expect(mark).toHaveText(kept!);
  await expect(figure).toContainText('in 30 shared windows');
  await mark.click();
  await expect(figure).toContainText(/in [67] shared windows/);
  await expect(mark).toHaveCount(0);

  // Two versions without a common day are not compared, and that is said.
  await page.goto('/?m=churn-eu&cmp=2');
  await awake(page);
  await expect(figure).toContainText('v2 has no reference yet');
  await expect(figure.getByRole('button', { name: 'Send data' })).toBeVisible();
  await expectAccessible(page);
  expect(complaints).toEqual([]);
  await context.close();
});

test('times are read in the zone that is chosen, and an empty period says when there last was something', async ({
  browser,
}) => {
  const { page, context, complaints } = await signIn(
    browser,
    'data@demo.local',
    '/?m=churn-eu&on=drift&w=2020-01-01T00:00Z..2020-02-01T00:00Z&tz=Asia/Tokyo',
  );
  const figure = page.locator('figure[data-chart="drift-trend"]');
  await expect(figure).toContainText(/No predictions between 1 Jan and 1 Feb \(last: \d+ \w{3} \d{4}\)/);
  await expect(plotOf(figure).locator('text')).not.toHaveCount(0);
  await expectAccessible(page);
  await figure.getByRole('button', { name: 'Show the last data' }).click();
  await expect(figure).not.toContainText('No predictions');
  await expect(page.getByRole('contentinfo')).toContainText('Times in Asia/Tokyo');
  await figure.locator('[data-toggle-table]').click();
  await expect(figure.getByRole('columnheader', { name: 'Days in Asia/Tokyo' })).toBeVisible();
  await expect(figure.locator('tbody tr').first()).toContainText('09:00 to');
  await figure.locator('[data-toggle-table]').click();
  await figure.getByRole('combobox', { name: 'Times in' }).selectOption('UTC');
  await expect(page).not.toHaveURL(/tz=/);
  await expect(page.getByRole('contentinfo')).toContainText('Times in UTC');
  expect(complaints).toEqual([]);
  await context.close();
});

test('a limit in the editor lies on its chart as well, and moving it there writes to its field', async ({
  browser,
}) => {
  const { page, context, complaints } = await signIn(browser, 'data@demo.local', '/?m=churn-eu&on=goal&panel=limits');
  const field = page.getByRole('textbox', { name: 'Limit', exact: true });
  const handle = page.getByRole('slider', { name: /^Limit of Ranking quality/ });
  await expect(handle).toHaveAttribute('aria-valuetext', /^0\.76, 1 alert in \d+ windows$/);
  await handle.focus();
  await page.keyboard.press('Shift+ArrowDown');
  await expect(field).toHaveValue('0.75');
  await field.fill('0.9');
  await expect(handle).toHaveAttribute('aria-valuenow', '0.9');
  await expectAccessible(page);
  const box = (await handle.boundingBox())!;
  await page.mouse.move(box.x + 8, box.y + 12);
  await page.mouse.down();
  await page.mouse.move(box.x + 8, box.y + 40, { steps: 4 });
  await page.mouse.up();
  await expect(field).toHaveValue(/^0\.[78]\d*$/);
  await handle.press('Escape');
  await expect(field).toHaveValue('0.76');
  // Nothing moves a limit while nobody edits it.
  await page.getByRole('tab', { name: /^Decide/ }).click();
  await expect(handle).toHaveCount(0);
  expect(complaints).toEqual([]);
  await context.close();
});
