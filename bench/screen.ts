// The one screen against its budgets, in a browser four times slower than this machine, with a model of fifty inputs and a year of days.
// `node bench/screen.ts` starts a Plumbline of its own; `SCREEN_ORIGIN=http://127.0.0.1:3000 node bench/screen.ts` takes a running one.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import { chromiumFlags, findChromium } from '../e2e/chromium.ts';
import { PASSWORD } from '../e2e/people.ts';
import { busyness, domNodes, frames, heapMb, quantile, slow, transferred, vitals, watch } from './page-figures.ts';
import { seedWide } from './wide-model.ts';

const RUNS = Number(process.env.SCREEN_RUNS ?? 5);
const SWITCHES = 200;
const WIDE = { name: 'wide-bench', features: 50, days: 365, perDay: 240 };
const HERE = `/?m=${WIDE.name}&w=365d&on=drift`;
const VIEWPORT = { width: 1440, height: 900 };

type Figure = { name: string; unit: string; target: number; gate: number; values: number[] };
const figures = new Map<string, Figure>();

/** The budgets of the design (target, gate), in the order they are printed. */
const BUDGETS: [string, string, number, number][] = [
  ['LCP, cold', 'ms', 1500, 2000],
  ['LCP, warm', 'ms', 800, 1200],
  ['CLS, whole session', '', 0, 0.02],
  ['TBT during load', 'ms', 250, 450],
  ['INP, worst of arrow keys, pin, brush, lens, table', 'ms', 80, 150],
  ['drag frame, p95', 'ms', 16, 34],
  ['model switch, header', 'ms', 50, 100],
  ['model switch, all panels', 'ms', 400, 800],
  ['JS first load, gz', 'kB', 240, 260],
  ['JS after opening every panel', 'kB', 450, 520],
  ['CSS, gz', 'kB', 25, 35],
  ['DOM nodes', '', 2500, 4000],
  ['heap after 200 model switches', '+MB', 10, 25],
];
for (const [name, unit, target, gate] of BUDGETS) figures.set(name, { name, unit, target, gate, values: [] });
const note = (name: string, value: number) => figures.get(name)!.values.push(value);

const server = await serve();
const { executablePath, env } = await findChromium();
const browser = await chromium.launch({ executablePath, args: chromiumFlags, env: env as Record<string, string> });
const off: string[] = [];
const rates: number[] = [];
try {
  const state = await signedIn(browser);
  for (let run = 0; run < RUNS; run += 1) await session(browser, state);
  await heap(browser, state);
  print();
} finally {
  await browser.close();
  await server.stop();
}

async function serve(): Promise<{ origin: string; stop(): Promise<void> }> {
  if (process.env.SCREEN_ORIGIN) return { origin: process.env.SCREEN_ORIGIN, stop: async () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-screen-'));
  const port = await new Promise<number>((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PORT: String(port), PLUMBLINE_DATA_DIR: folder, PLUMBLINE_DEMO: '1' },
  });
  await new Promise<void>((done, fail) => {
    child.stdout.on('data', (text: Buffer) => text.toString().includes('Plumbline is ready') && done());
    child.on('exit', (code) => fail(new Error(`The server ended with ${code}.`)));
  });
  const stop = async () => {
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { origin: `http://127.0.0.1:${port}`, stop };
}

type State = Awaited<ReturnType<BrowserContext['storageState']>>;

async function signedIn(from: Browser): Promise<State> {
  const context = await from.newContext({ baseURL: server.origin });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill('data@demo.local');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL((url) => url.pathname !== '/sign-in');
  await seedWide(context.request, WIDE, Date.now());
  // The first reading of a year counts it; the budgets are of what everybody after that sees.
  for (const path of [HERE, '/?m=churn-eu&w=365d']) await context.request.get(path);
  const state = await context.storageState();
  await context.close();
  return state;
}

/** A page `slower` times as slow as an idle machine, whatever else this one has to do just now. */
async function open(from: Browser, state: State, slower: number) {
  const context = await from.newContext({ baseURL: server.origin, viewport: VIEWPORT, storageState: state });
  const page = await context.newPage();
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== server.origin && request.url().startsWith('http')) off.push(request.url());
  });
  await watch(page);
  const cdp = await context.newCDPSession(page);
  const busy = await busyness(page);
  rates.push(busy);
  await slow(cdp, Math.max(1, slower / busy));
  return { context, page, cdp };
}

/** One person's quarter of a minute: open, read along, move the period, switch the model, open every panel. */
async function session(from: Browser, state: State): Promise<void> {
  const { context, page } = await open(from, state, 4);
  await page.goto(HERE, { waitUntil: 'load' });
  await page.getByTestId('distribution').locator('svg').first().waitFor();
  await page.waitForTimeout(2_000);
  const cold = await vitals(page);
  note('LCP, cold', cold.lcp);
  note('TBT during load', cold.tbt);
  const first = await transferred(page);
  // The chart of distributions comes after the first paint, and is not part of it.
  note('JS first load, gz', (await firstLoadBytes(page)) / 1000);
  note('CSS, gz', first.css);
  note('DOM nodes', await domNodes(page));
  await interact(page);
  for (const tab of ['Limits', 'Activity', 'Data']) {
    await page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click();
    await page.waitForTimeout(500);
  }
  await page.getByRole('button', { name: 'Segments' }).click();
  await page.waitForTimeout(1_000);
  await page.keyboard.press('Escape');
  note('JS after opening every panel', (await transferred(page)).js);
  const end = await vitals(page);
  note('CLS, whole session', end.cls);
  note('INP, worst of arrow keys, pin, brush, lens, table', end.inp);
  await page.goto(HERE, { waitUntil: 'load' });
  await page.waitForTimeout(1_500);
  note('LCP, warm', (await vitals(page)).lcp);
  await switches(page);
  await context.close();
}

/** The scripts that the page itself names: what must arrive before it answers, in bytes. */
async function firstLoadBytes(page: Page): Promise<number> {
  const html = await (await page.context().request.get(HERE)).text();
  const named = [...html.matchAll(/<script[^>]+src="([^"]+)"/g)].map(([, source]) => source!);
  return page.evaluate((sources) => {
    const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    return entries
      .filter(({ name }) => sources.some((source) => name.endsWith(source)))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
  }, named);
}

async function interact(page: Page): Promise<void> {
  const plot = page.locator('.focus-chart svg[role="group"]');
  await plot.focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'End', 'ArrowLeft', 'Shift+ArrowLeft']) {
    await page.keyboard.press(key);
    await page.waitForTimeout(60);
  }
  const box = (await plot.boundingBox())!;
  await page.mouse.click(box.x + 300, box.y + 60);
  await page.waitForTimeout(800);
  await page.keyboard.press('Escape');
  await page.waitForTimeout(300);
  const hover = await frames(page, async () => {
    for (let i = 0; i < 60; i += 1) await page.mouse.move(box.x + 60 + i * 9, box.y + 60);
  });
  const grip = page.getByRole('slider', { name: 'Period starts' });
  const at = (await grip.boundingBox())!;
  const brush = await frames(page, async () => {
    await page.mouse.move(at.x + 12, at.y + 12);
    await page.mouse.down();
    for (let i = 0; i < 60; i += 1) await page.mouse.move(at.x + 12 + i * 4, at.y + 12);
  });
  await page.mouse.up();
  note('drag frame, p95', Math.max(hover, brush));
  await page.waitForTimeout(800);
  await page.keyboard.press('z');
  await page.waitForTimeout(800);
  for (const lens of ['Product', 'Ops', 'Data']) {
    await page.getByRole('button', { name: lens, exact: true }).click();
    await page.waitForTimeout(150);
  }
  await page.locator('.focus-chart [data-toggle-table]').click();
  await page.waitForTimeout(300);
  await page.locator('.focus-chart [data-toggle-table]').click();
  await page.waitForTimeout(300);
}

/** From the click to the frame in which the name, and then the last panel, is another model's. */
async function switches(page: Page): Promise<void> {
  for (const name of ['churn-eu', WIDE.name]) {
    const [header, panels] = await page.evaluate(async (model) => {
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      const from = performance.now();
      document.querySelector<HTMLElement>(`[data-row="${model}"]`)?.click();
      while (document.querySelector('h1')?.textContent?.trim() !== model) await frame();
      const named = performance.now() - from;
      while (document.querySelector('[data-fact^="live:"]')?.getAttribute('data-fact') !== `live:${model}`)
        await frame();
      // What is left of the former model is there until the next is drawn, and not to be seen.
      while (!document.querySelector('[data-chart="heat"] [role="row"]')?.checkVisibility()) await frame();
      return [named, performance.now() - from];
    }, name);
    note('model switch, header', header!);
    note('model switch, all panels', panels!);
    await page.waitForTimeout(500);
  }
}

async function heap(from: Browser, state: State): Promise<void> {
  const { context, page, cdp } = await open(from, state, 1);
  await page.goto(HERE, { waitUntil: 'load' });
  await page.waitForTimeout(1_000);
  const rows = ['churn-eu', WIDE.name];
  const turn = async (i: number) => {
    const name = rows[i % 2]!;
    await page.locator(`[data-row="${name}"]`).click();
    await page.locator(`[data-fact="live:${name}"]`).waitFor();
  };
  for (let i = 0; i < 10; i += 1) await turn(i);
  const before = await heapMb(cdp);
  for (let i = 0; i < SWITCHES; i += 1) await turn(i);
  note('heap after 200 model switches', (await heapMb(cdp)) - before);
  await context.close();
}

function print(): void {
  console.log(
    `Medians of ${RUNS} at a quarter of the speed, ${WIDE.features} inputs by ${WIDE.days} days, 1440 by 900.`,
  );
  console.log(`${'figure'.padEnd(48)}${'here'.padStart(9)}${'target'.padStart(9)}${'gate'.padStart(9)}`);
  for (const { name, unit, target, gate, values } of figures.values()) {
    const here = quantile(values, 0.5);
    const shown = Math.abs(here) < 1 ? here.toFixed(3) : here.toFixed(0);
    const verdict = here <= target ? '' : here <= gate ? 'over its target' : 'OVER ITS GATE';
    console.log(
      `${`${name}${unit && `, ${unit}`}`.padEnd(48)}${shown.padStart(9)}${String(target).padStart(9)}${String(gate).padStart(9)}  ${verdict}`,
    );
  }
  console.log(
    `The machine was ${quantile(rates, 0.5).toFixed(1)} times as slow as when idle; the throttle made up for it.`,
  );
  console.log(off.length === 0 ? 'No request left the machine.' : `Requests off the machine: ${off.join(' ')}`);
}
