import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, type Page, test } from '@playwright/test';
import { awake, expectAccessible, signIn } from './people.ts';
import { observationsCsv, referenceCsv } from './sample-data.ts';

const today = Math.floor(Date.now() / 86_400_000) * 86_400_000;
const SLOW_BYTES_A_SECOND = 2_000_000;

/** Drops a file on the form, as a mouse would; the page itself makes it as long as it should be. */
async function drop(page: Page, name: string, content: string, repeated = 1): Promise<void> {
  const [header = '', ...rows] = content.trimEnd().split('\n');
  const dataTransfer = await page.evaluateHandle(
    ([name, header, rows, times]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([`${header}\n`, ...Array<string>(times).fill(rows)], name));
      return transfer;
    },
    [name, header, `${rows.join('\n')}\n`, repeated] as const,
  );
  await page.locator('[data-drop]').dispatchEvent('drop', { dataTransfer });
  await expect(page.getByRole('region', { name: `First rows of ${name}` })).toBeVisible();
}

/** Drops a file of the disk as the browser itself does, whatever of the page is awake. */
async function dropFromDisk(page: Page, path: string): Promise<void> {
  const zone = (await page.locator('[data-drop]').boundingBox())!;
  const at = { x: zone.x + zone.width - 20, y: zone.y + 10 };
  const browser = await page.context().newCDPSession(page);
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await browser.send('Input.dispatchDragEvent', {
      type,
      ...at,
      data: { items: [], files: [path], dragOperationsMask: 1 },
    });
}

/** Little to send and much to read: some 700 MB in a few, in members of which the first has the header. */
function packed(content: string): Buffer {
  const [header = '', ...rows] = content.trimEnd().split('\n');
  const part = `${rows.join('\n')}\n${`${rows[0]}\n`.repeat(80_000)}`;
  return Buffer.concat([gzipSync(`${header}\n${part}`), ...Array<Buffer>(119).fill(gzipSync(part))]);
}

test('a file is dropped, understood, followed over a reload and stopped, and a bad one says where', async ({
  browser,
}) => {
  const { page, context, complaints } = await signIn(browser, 'data@demo.local');
  const name = `upload-${Date.now().toString(36)}`;
  await context.request.post('/api/v1/models', { data: { name } });
  const batches = async (): Promise<{ kind: string; state: string }[]> =>
    (
      (await (await context.request.get(`/api/v1/board?m=${name}`)).json()) as {
        model: { batches: { kind: string; state: string }[] };
      }
    ).model.batches;
  await page.goto(`/?m=${name}&panel=data`);
  await awake(page);
  const steps = page.getByRole('region', { name: 'First steps' });
  await test.step('what a new model needs is ticked as it arrives', async () => {
    await expect(steps.getByRole('button')).toHaveText(['Register a version', 'Set the first goal']);
    await expectAccessible(page);
    await context.request.post(`/api/v1/models/${name}/versions`, { data: { source: 's3://models/upload/1' } });
    await expect(steps.getByRole('listitem').first()).toContainText('(done)');
    await expect(steps.getByRole('button')).toHaveText(['Send a reference', 'Set the first goal']);
  });
  // The panel wakes after the page does; the server does not know the address that it then shows.
  await expect(page.getByRole('region', { name: 'From Python' })).toContainText(new URL(page.url()).origin);
  const form = page.getByRole('form', { name: 'Send a file' });
  const send = form.getByRole('button', { name: 'Send', exact: true });

  await test.step('its columns are guessed, shown with their first rows, and changed', async () => {
    await drop(page, 'reference.csv', referenceCsv(today));
    await expect(form.getByLabel('What score is')).toHaveValue('score');
    await expect(form.getByLabel('What outcome is')).toHaveValue('label');
    await form.getByLabel('What id is', { exact: true }).selectOption('ignore');
    await form.getByLabel('What id is', { exact: true }).selectOption('id');
    await expectAccessible(page);
    await send.click();
    await expect(form.getByText(/rows are the reference for v1 now/)).toBeVisible();
    await expect(page.getByRole('region', { name: 'Goals' }).getByText('Set the first goal')).toBeVisible();
    await expect(steps).toBeHidden();
  });

  await test.step('a bad one names row and column, chosen with the keyboard', async () => {
    await form.getByLabel('What it is', { exact: true }).selectOption('observations');
    const [header = '', ...rows] = observationsCsv(today).trimEnd().split('\n');
    const score = header.split(',').indexOf('score');
    const bad = rows.map((row) => row.split(',').with(score, 'many').join(','));
    const buffer = Buffer.from([header, ...bad].join('\n'));
    await form.getByLabel(/Choose a CSV/).setInputFiles({ name: 'bad.csv', mimeType: 'text/csv', buffer });
    await expect(form.getByRole('region', { name: 'First rows of bad.csv' })).toBeVisible();
    await send.click();
    await expect(form.getByText(/could not be used/)).toBeVisible();
    await expect(form.getByRole('listitem').filter({ hasText: /^score row 1 / })).toBeVisible();
  });

  const network = await context.newCDPSession(page);
  const slowly = (slow: boolean) =>
    network.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: slow ? SLOW_BYTES_A_SECOND : -1,
    });
  const repeated = Math.ceil(30_000_000 / observationsCsv(today).length);
  const kept = (await batches()).length;

  await test.step('sending is stopped, and nothing is kept', async () => {
    await slowly(true);
    await drop(page, 'large.csv', observationsCsv(today), repeated);
    await send.click();
    await expect(form.getByRole('progressbar', { name: 'Sent of large.csv' })).toBeVisible();
    await expect(form.getByText(/Sending large\.csv: [1-9].* of .*B$/)).toBeVisible();
    await form.getByRole('button', { name: 'Cancel' }).click();
    await expect(form.getByText('Stopped. Nothing was kept.')).toBeVisible();
    expect(await batches()).toHaveLength(kept);
  });

  await test.step('a reload while it is sent says what to do', async () => {
    await send.click();
    await expect(form.getByText(/Sending large\.csv: [1-9].* of .*B$/)).toBeVisible();
    await page.reload();
    await awake(page);
    await expect(form.getByText('large.csv did not arrive.')).toBeVisible();
    expect(await batches()).toHaveLength(kept);
    await form.getByRole('button', { name: 'Dismiss' }).click();
    await expect(form.getByText('large.csv did not arrive.')).toBeHidden();
  });

  await test.step('a reload while it is read shows its progress again, and it is cancelled there', async () => {
    await slowly(false);
    await form.getByLabel('What it is', { exact: true }).selectOption('observations');
    const buffer = packed(observationsCsv(today));
    await form
      .getByLabel(/Choose a CSV/)
      .setInputFiles({ name: 'packed.csv.gz', mimeType: 'application/gzip', buffer });
    await expect(form.getByLabel('What score is')).toHaveValue('score');
    await send.click();
    await expect(form.getByText(/Reading the observations for v1/)).toBeVisible();
    await page.reload();
    await expect(form.getByText(/Reading the observations for v1: (?!waiting)/)).toBeVisible();
    await awake(page);
    await form.getByRole('button', { name: 'Cancel' }).click();
    await expect(page.getByText('□ Cancelled')).toBeVisible();
    await expect.poll(async () => (await batches())[0]).toMatchObject({ kind: 'observations', state: 'cancelled' });
  });

  expect(complaints.filter((complaint) => !/status of 422|net::ERR_ABORTED/.test(complaint))).toEqual([]);
  await context.close();
});

test('a file that is dropped before the page is awake is taken when it wakes', async ({ browser }, testInfo) => {
  const { page, context, complaints } = await signIn(browser, 'data@demo.local');
  const name = `early-${Date.now().toString(36)}`;
  await context.request.post('/api/v1/models', { data: { name } });
  await context.request.post(`/api/v1/models/${name}/versions`, { data: { source: 's3://models/early/1' } });
  const file = testInfo.outputPath('early.csv');
  writeFileSync(file, referenceCsv(today));
  const asleep = Promise.withResolvers<void>();
  await page.route('**/_next/static/**/*.js', async (route) => {
    await asleep.promise;
    await route.continue();
  });
  await page.goto(`/?m=${name}&panel=data`, { waitUntil: 'commit' });
  const field = page.getByLabel(/Choose a CSV/);
  await expect(field).toBeVisible();
  await dropFromDisk(page, file);
  await expect.poll(() => field.evaluate((input: HTMLInputElement) => input.files?.[0]?.name)).toBe('early.csv');
  asleep.resolve();
  await expect(page.getByRole('region', { name: 'First rows of early.csv' })).toBeVisible();
  expect(page.url()).toContain(name);
  expect(complaints).toEqual([]);
  await context.close();
});
