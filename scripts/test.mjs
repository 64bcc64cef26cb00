// `npm test`: everything that can be checked without another program installed. The last line is the sum.
// `npm run test:database`: of that, what another Postgres server in DATABASE_URL may answer otherwise.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { build, install, nodeBinary, step } from './prepare.mjs';

const reports = mkdtempSync(join(tmpdir(), 'plumbline-reports-'));
const report = (name) => join(reports, `${name}.json`);
const failures = [];
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is the control character that starts a colour.
const COLOURS = /\u001b\[[0-9;]*m/g;
const onlyDatabase = process.argv.includes('database');
const part = onlyDatabase ? ['--project', 'database'] : [];
let [passed, failed] = [0, 0];

try {
  await install();
  const node = nodeBinary();
  const tool =
    (script, ...args) =>
    () =>
      check(node, [join('node_modules', script), ...args]);

  if (!onlyDatabase) {
    await step('Checked the lock', () => check(node, ['scripts/lock-platforms.mjs', '--check']));
    // The page types that tsc reads are written by Next; a stale set would hide or invent errors.
    await step('Wrote the route types', tool('next/dist/bin/next', 'typegen'));
    await step('Checked the types', tool('typescript/bin/tsc', '--noEmit'));
    await step('Checked style and format', tool('@biomejs/biome/bin/biome', 'check', '.'));
  }
  await step(
    onlyDatabase ? 'Ran integration tests' : 'Ran unit and integration tests',
    tool(
      'vitest/vitest.mjs',
      'run',
      '--config',
      'lib/vitest.config.ts',
      '--reporter=default',
      '--reporter=json',
      `--outputFile=${report('vitest')}`,
      ...part,
    ),
  );
  const unit = readReport('vitest');
  count(unit, ({ numPassedTests, numFailedTests }) => [numPassedTests, numFailedTests]);
  name(unit ? failedUnitTests(unit) : []);
  await build();
  await step(
    'Ran browser tests',
    tool('@playwright/test/cli.js', 'test', '--config', 'e2e/playwright.config.ts', ...part),
  );
  const browser = readReport('playwright');
  count(browser, ({ stats }) => [stats.expected, stats.unexpected + stats.flaky]);
  name(browser ? browser.suites.flatMap(failedBrowserTests) : []);
} catch (error) {
  failures.push(error.message);
} finally {
  rmSync(reports, { recursive: true, force: true });
}

for (const failure of failures) console.error(`Failed: ${failure}`);
// A check that fails without a test of its own (types, style, a run that broke off) still counts.
if (failures.length > 0 && failed === 0) failed = failures.length;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

/** Each failed test by its name and the first line it gave: who reads only the end of a long output still learns which. */
function name(tests) {
  failures.push(
    ...tests.map(({ title, message }) => `${title}: ${message.replace(COLOURS, '').trim().split('\n')[0]}`),
  );
}

function failedUnitTests({ testResults }) {
  return testResults.flatMap(({ name: file, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    const path = relative(process.cwd(), file);
    if (failed.length === 0) return message ? [{ title: path, message }] : [];
    return failed.map(({ fullName, failureMessages }) => ({
      title: `${path} > ${fullName}`,
      message: failureMessages[0] ?? '',
    }));
  });
}

function failedBrowserTests({ specs = [], suites = [] }) {
  const failed = specs
    .filter(({ ok }) => !ok)
    .map(({ file, line, title, tests }) => {
      const results = tests.flatMap((test) => test.results);
      const message = results.find(({ error }) => error)?.error.message ?? '';
      return { title: `e2e/${file}:${line} > ${title}`, message };
    });
  return [...failed, ...suites.flatMap(failedBrowserTests)];
}

/** Goes on after a failure: one run should tell everything that is wrong. */
function check(command, args) {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', PLUMBLINE_E2E_REPORT: report('playwright') };
  const done = spawnSync(command, args, { stdio: 'inherit', env });
  if (done.status !== 0) failures.push(args.slice(0, 2).join(' '));
}

function readReport(name) {
  try {
    return JSON.parse(readFileSync(report(name), 'utf8'));
  } catch {
    failures.push(`${name} left no report`);
    return undefined;
  }
}

function count(result, read) {
  if (!result) return;
  const [good, bad] = read(result);
  passed += good;
  failed += bad;
}
