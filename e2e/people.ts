import { type Browser, type BrowserContext, type Cookie, expect, type Page } from '@playwright/test';
import axe, { type RunOnly } from 'axe-core';

export const PASSWORD = 'plumbline-demo';

export type Person = { context: BrowserContext; page: Page; complaints: string[] };

/** What the server gave whoever signed in here before: the form is for the first time. */
const sessions = new Map<string, Cookie[]>();

/** A person at a browser of their own: whatever the console says, or asks of another machine, is kept as a complaint. */
export async function signIn(browser: Browser, email: string, path = '/'): Promise<Person> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`page: ${error.message}`));
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== '127.0.0.1') complaints.push(`off the machine: ${request.url()}`);
  });
  const session = sessions.get(email);
  if (session) {
    await context.addCookies(session);
    await page.goto(path);
  } else {
    await page.goto(`/sign-in?next=${encodeURIComponent(path)}`);
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL((url) => url.pathname !== '/sign-in');
    sessions.set(email, await context.cookies());
  }
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await awake(page);
  return { context, page, complaints };
}

/** What is done to a page before its code runs is done to nobody. */
export const awake = (page: Page): Promise<void> =>
  expect(page.getByRole('contentinfo').getByRole('status').first()).toHaveText(/Live/);

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What of all that depends on the colours; the rest is the same in both themes and is looked at once. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/** Nothing has moved between two looks: axe takes places first and sizes later, and what moves meanwhile seems to lie on its neighbour. */
async function atRest(page: Page): Promise<void> {
  const places = () =>
    page.evaluate(() => {
      const targets = [...document.querySelectorAll('a, button, input, select, textarea, [tabindex]')];
      return targets.map((target) => Object.values(target.getBoundingClientRect().toJSON()).join(' ')).join('\n');
    });
  let before = '';
  const looks = async () => {
    const now = await places();
    const moved = now !== before;
    before = now;
    return moved;
  };
  await expect.poll(looks, { intervals: [400] }).toBe(false);
}

/** What axe finds wrong with the page as it stands. */
async function barriers(page: Page, runOnly: RunOnly): Promise<string[]> {
  // Of a rule that holds, one element is enough: to name them all takes axe longer than to judge them.
  return page.evaluate(
    async (options) => {
      const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(options);
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(' | ')}`);
    },
    { runOnly, resultTypes: ['violations' as const] },
  );
}

/** No barrier that axe can find, in the light and in the dark. */
export async function expectAccessible(page: Page): Promise<void> {
  await atRest(page);
  // It runs in the page itself, which has no frames that it would have to be brought to one by one.
  expect(page.frames()).toHaveLength(1);
  await page.evaluate(axe.source);
  expect(await barriers(page, { type: 'tag', values: TAGS }), 'light theme').toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await barriers(page, { type: 'rule', values: COLOUR_RULES }), 'dark theme').toEqual([]);
  await page.emulateMedia({ colorScheme: 'light' });
}
