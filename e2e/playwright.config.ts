import { createServer } from 'node:net';
import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import { chromiumFlags, findChromium } from './chromium.ts';

const root = join(import.meta.dirname, '..');
const { executablePath, env } = await findChromium();
// The workers read this file too and inherit the variable: all of them must mean the same server.
process.env.PLUMBLINE_E2E_PORT ??= String(await freePort());
const origin = `http://127.0.0.1:${process.env.PLUMBLINE_E2E_PORT}`;
const writing = /(story|upload|lines|webhooks|start)\.spec\.ts$/;

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: join(root, 'e2e/.output'),
  // One server, one browser, two cores. A test that needs a second try is a finding, not a test.
  workers: 1,
  retries: 0,
  timeout: 180_000,
  // Whether something happens is the test's question; how soon, on a machine that others use too, is the bench's.
  expect: { timeout: 20_000 },
  reporter: [
    ['line'],
    ['json', { outputFile: process.env.PLUMBLINE_E2E_REPORT ?? join(root, 'e2e/.output/report.json') }],
  ],
  use: {
    browserName: 'chromium',
    baseURL: origin,
    // A trace snapshots the DOM of every page at every step: with four people on the screen that costs more than the test.
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath, args: chromiumFlags, env: env as Record<string, string> },
  },
  projects: [
    // What is written, waited for and told to everybody: `.ci/run` asks two database servers.
    { name: 'database', testMatch: writing },
    // What is shown of it, and how: the reads behind it have tests of their own on both.
    { name: 'screen', testIgnore: writing },
  ],
  webServer: {
    command: `exec "${process.execPath}" e2e/server.ts`,
    cwd: root,
    url: `${origin}/api/health`,
    env: { PORT: process.env.PLUMBLINE_E2E_PORT },
    stdout: 'pipe',
    timeout: 300_000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 30_000 },
  },
});

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
