import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { references } from '../../db/schema/measurements.ts';
import { hostileFiles, mutants } from '../testing/hostile-files.ts';
import { goodCsv, REFERENCE, testWorkspace, upload } from '../testing/refusals.ts';
import { inspectUpload } from './engine.ts';

/** `npm run test:hostile` tries all of it; the suite tries the core. */
const ALL = process.env.HOSTILE === 'all';
const MUTANTS = Number(process.env.HOSTILE_MUTANTS ?? (ALL ? 500 : 15));
const SEED = Number(process.env.HOSTILE_SEED ?? 20_260_301);
const LONGEST_MS = 60_000;
const LARGEST_MB = 512;
const TYPES = { parquet: 'application/vnd.apache.parquet', csv: 'text/csv', ndjson: 'application/x-ndjson' };

const { db, uploads, send } = await testWorkspace();
const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Largest resident memory of a reader seen so far, in MB; 0 where the system has no /proc. */
let peakMb = 0;
const watch = setInterval(() => {
  for (const pid of readdirOrNone('/proc/self/task').flatMap((task) =>
    readOrNone(`/proc/self/task/${task}/children`).split(' '),
  )) {
    if (!pid || !readOrNone(`/proc/${pid}/cmdline`).includes('duckdb-child')) continue;
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readOrNone(`/proc/${pid}/status`))?.[1];
    peakMb = Math.max(peakMb, Number(kilobytes ?? 0) / 1000);
  }
}, 25);
afterAll(() => clearInterval(watch));

function readOrNone(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function readdirOrNone(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

afterEach(() => {
  expect(peakMb).toBeLessThan(LARGEST_MB);
  peakMb = 0;
});

describe('a hostile upload', () => {
  const files = hostileFiles(folder).filter((file) => ALL || !file.slow);
  it.each(files)(
    'of $what: $answer',
    async ({ format, query, build, answer, names }) => {
      const before = uploads();
      const started = Date.now();
      const sent = await send(REFERENCE, { ...upload(TYPES[format], await build()), query: query ?? '' });
      expect(Date.now() - started).toBeLessThan(LONGEST_MS);
      if (answer === 'taken') {
        expect([sent.status, sent.body.detail]).toEqual([201, undefined]);
        return;
      }
      expect([sent.code, sent.body.detail]).toEqual([answer, sent.body.detail]);
      expect([413, 422]).toContain(sent.status);
      if (names) {
        const batch = await send('GET /batches/[id]', { params: { id: String(sent.body.batchId) } });
        expect(batch.body).toMatchObject({ errors: [{ [names]: expect.anything() }] });
      }
      expect(uploads()).toEqual(before);
    },
    120_000,
  );

  it('leaves the next one as good as ever', async () => {
    const sent = await send(REFERENCE, upload('text/csv', `${goodCsv}2026-03-01T10:00:00Z,0.5,1,3\n`));
    expect([sent.status, sent.body.detail]).toEqual([201, undefined]);
    expect(await db.$count(references)).toBeGreaterThan(0);
  });
});

it(`${MUTANTS} mutated files never bring the reader down`, async () => {
  for (const { format, path } of await mutants(folder, MUTANTS, SEED)) {
    const started = Date.now();
    const output = `${path}.parquet`;
    const answer = await inspectUpload({ path, format, output, roles: {}, purpose: 'reference' });
    const codes = answer.ok ? [] : answer.errors.map(({ code }) => code);
    expect([path, codes.filter((code) => code === 'engine_failed' || code === 'timed_out')]).toEqual([path, []]);
    expect(Date.now() - started).toBeLessThan(LONGEST_MS);
    rmSync(output, { force: true });
    rmSync(path);
  }
}, 3_600_000);
