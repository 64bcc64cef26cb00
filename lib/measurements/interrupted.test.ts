import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { eq } from 'drizzle-orm';
import { afterAll, describe, expect, it } from 'vitest';
import { batches } from '../../db/schema/measurements.ts';
import { processBatch } from '../incidents/jobs.ts';
import { goodCsv, OBSERVATIONS, testWorkspace, upload } from '../testing/refusals.ts';
import { openLockedDown, run, text } from './duckdb.ts';
import { isNoSpace, readingFault } from './fault.ts';
import { gunzip } from './prescan.ts';

const { db, send } = await testWorkspace();
const folder = mkdtempSync(join(tmpdir(), 'plumbline-interrupted-'));
afterAll(() => rmSync(folder, { recursive: true }));
let second = 10;

/** An upload that was acknowledged, and where its bytes are. */
async function sent(): Promise<{ id: string; path: string }> {
  const answer = await send(OBSERVATIONS, upload('text/csv', goodCsv.replaceAll(':00Z', `:${++second}Z`)));
  expect(answer.status).toBe(202);
  const id = String(answer.body.batchId);
  const [batch] = await db.select().from(batches).where(eq(batches.id, id));
  return { id, path: batch!.rawPath };
}
const view = async (id: string) => (await send('GET /batches/[id]', { params: { id } })).body;
/** Puts a pipe that nobody writes to in a file's place, at which a reader waits; returns how to put the file back. */
function held(path: string): () => void {
  const bytes = readFileSync(path);
  rmSync(path);
  execFileSync('mkfifo', [path]);
  return () => {
    rmSync(path);
    writeFileSync(path, bytes);
  };
}
/** Reads a batch and ends its reader from outside while it waits at the pipe; returns what came of the reading. */
async function readAndEnd(id: string, signal: NodeJS.Signals): Promise<unknown> {
  const reading = processBatch(db, id).then(
    () => 'ended',
    (error: unknown) => error,
  );
  await expect.poll(async () => (await view(id)).progress, { timeout: 10_000 }).toBe('reading');
  let reader = 0;
  await expect.poll(() => (reader = readerOf(process.pid)), { timeout: 10_000, interval: 10 }).toBeGreaterThan(0);
  process.kill(reader, signal);
  return reading;
}
function readerOf(parent: number): number {
  try {
    return Number(execFileSync('pgrep', ['-P', String(parent), '-f', 'duckdb-child.ts'], { encoding: 'utf8' }));
  } catch {
    return 0;
  }
}

describe('an upload that was acknowledged', () => {
  it('outlives readers that a restart of the service ends, however often', async () => {
    const { id, path } = await sent();
    const putBack = held(path);
    for (let restart = 0; restart < 6; restart += 1) {
      expect(await readAndEnd(id, 'SIGTERM')).toMatchObject({ kind: 'unavailable', code: 'reader_interrupted' });
      expect(await view(id)).toMatchObject({ state: 'received', progress: null, finishedAt: null });
    }
    putBack();
    await processBatch(db, id);
    expect(await view(id)).toMatchObject({ state: 'done', rows: 200, errors: [] });
  });

  it('outlives a reader that cannot be started', async () => {
    const { id } = await sent();
    process.env.PLUMBLINE_ROOT = join(folder, 'nowhere');
    const failed = await processBatch(db, id).catch((error: unknown) => error);
    delete process.env.PLUMBLINE_ROOT;
    expect(failed).toMatchObject({ code: 'reader_interrupted' });
    expect((await view(id)).state).toBe('received');
    await processBatch(db, id);
    expect(await view(id)).toMatchObject({ state: 'done', rows: 200, errors: [] });
  });

  it('outlives readers that break down, and those times are forgotten once it is read', async () => {
    const { id, path } = await sent();
    const putBack = held(path);
    for (const signal of ['SIGKILL', 'SIGSEGV'] as const)
      expect(await readAndEnd(id, signal)).toMatchObject({ code: 'engine_failed' });
    expect(await view(id)).toMatchObject({ state: 'received', errors: [] });
    putBack();
    await processBatch(db, id);
    expect(await view(id)).toMatchObject({ state: 'done', rows: 200 });
    const [batch] = await db.select().from(batches).where(eq(batches.id, id));
    expect(batch!.errors).toEqual([]);
  });

  it('fails once it has broken every reader, and its file goes', async () => {
    const { id, path } = await sent();
    held(path);
    for (let time = 1; time < 5; time += 1) {
      expect(await readAndEnd(id, 'SIGSEGV')).toMatchObject({ kind: 'unavailable', code: 'engine_failed' });
      expect([(await view(id)).state, existsSync(path)]).toEqual(['received', true]);
    }
    expect(await readAndEnd(id, 'SIGSEGV')).toBe('ended');
    expect(await view(id)).toMatchObject({ state: 'failed', errors: [{ code: 'engine_failed' }] });
    expect(existsSync(path)).toBe(false);
  });
});

describe('a machine that cannot write is not the fault of the data', () => {
  it('where the engine finds the disk full', async () => {
    const full = join(folder, 'full');
    symlinkSync('/dev/full', full);
    const connection = await openLockedDown([full]);
    const copy = `COPY (SELECT 1 AS a) TO ${text(full)} (FORMAT parquet, USE_TMP_FILE false)`;
    const error = await run(connection, copy).catch((thrown: unknown) => thrown);
    expect(isNoSpace(error)).toBe(true);
    expect(() => readingFault(error)).toThrow(error as Error);
  });

  it('where a file cannot be unpacked', async () => {
    const [packed, output] = [join(folder, 'packed'), join(folder, 'unpacked')];
    writeFileSync(packed, gzipSync(goodCsv));
    symlinkSync('/nowhere', output);
    await expect(gunzip(packed, output)).rejects.toMatchObject({ syscall: 'open' });
  });
});
