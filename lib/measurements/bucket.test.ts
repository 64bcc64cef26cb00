import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { testBucket } from '../testing/bucket.ts';
import { hasBlob, openBlob, removeBlob, type StoredBlob, storeBlob } from './blobs.ts';

const bucket = await testBucket();
const root = join(import.meta.dirname, '../..');
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A machine that has no copy of anything. */
function freshMachine(): string {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-cache-'));
  folders.push(folder);
  process.env.PLUMBLINE_DATA_DIR = folder;
  return folder;
}
const copies = () => globSync('blob-cache/copies/*', { cwd: process.env.PLUMBLINE_DATA_DIR! });
const held = () => globSync('blob-cache/held/*', { cwd: process.env.PLUMBLINE_DATA_DIR! });
const MB = 1024 ** 2;

/** A body in pieces that fit nothing else's size. */
function bodyOf(content: Uint8Array, end: 'whole' | 'broken' = 'whole'): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < content.byteLength) {
        controller.enqueue(content.subarray(at, at + 70_001));
        at += 70_001;
      } else if (end === 'whole') controller.close();
      else controller.error(new Error('the line went dead'));
    },
  });
}
const store = (content: Uint8Array): Promise<StoredBlob> => storeBlob(bodyOf(content), content.byteLength);
const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
async function readAt(address: string): Promise<Buffer> {
  const file = await openBlob(address);
  const content = readFileSync(file.path);
  await file.release();
  return content;
}

beforeEach(() => {
  delete process.env.BLOBS_CACHE_BYTES;
  freshMachine();
  bucket.requests();
});

describe('a file in a bucket', () => {
  it.each([
    ['empty', 0],
    ['small', 1000],
    ['of several parts', 21 * MB + 17],
  ])('that is %s is read by another machine as it was sent', async (_what, size) => {
    const content = randomBytes(size);
    const stored = await store(content);
    expect(stored).toEqual({
      path: expect.stringMatching(/^s3:\/\/uploads\/plumbline\/raw\/[\w-]{36}$/),
      bytes: size,
      sha256: sha256(content),
    });
    expect(bucket.keys()).toContain(stored.path.replace('s3://uploads/', ''));
    freshMachine();
    expect((await readAt(stored.path)).equals(content)).toBe(true);
  });

  it('is not fetched by the machine that stored it, and fetched once by another', async () => {
    const { path } = await store(randomBytes(5000));
    await readAt(path);
    expect(bucket.requests().filter((asked) => asked.startsWith('GET'))).toEqual([]);
    freshMachine();
    await readAt(path);
    await readAt(path);
    expect(bucket.requests().filter((asked) => asked.startsWith('GET'))).toHaveLength(1);
  });

  it('is gone from the bucket and from here when it is removed', async () => {
    const { path } = await store(randomBytes(5000));
    expect(await hasBlob(path)).toBe(true);
    await removeBlob(path);
    expect([await hasBlob(path), copies()]).toEqual([false, []]);
    await expect(openBlob(path)).rejects.toMatchObject({ code: 'blob_gone' });
  });

  it.each([
    ['small', 1000],
    ['of several parts', 21 * MB],
  ])('whose upload breaks off while it is %s leaves nothing behind', async (_what, size) => {
    const keys = bucket.keys();
    const sent = storeBlob(bodyOf(randomBytes(size), 'broken'), null);
    await expect(sent).rejects.toMatchObject({ kind: 'malformed', code: 'upload_cut_off' });
    expect([bucket.keys(), copies(), held()]).toEqual([keys, [], []]);
    const asked = bucket.requests();
    const begun = asked.filter((one) => /^POST .*\?uploads/.test(one)).length;
    expect(begun).toBe(size > MB ? 1 : 0);
    // The server of these tests keeps the parts; that it was told to drop them is what can be seen.
    expect(asked.filter((one) => /^DELETE .*uploadId=/.test(one))).toHaveLength(begun);
  });

  it('shorter than it said to be is not stored', async () => {
    const keys = bucket.keys();
    await expect(storeBlob(bodyOf(randomBytes(100)), 101)).rejects.toMatchObject({ code: 'upload_cut_off' });
    expect([bucket.keys(), copies(), held()]).toEqual([keys, [], []]);
  });
});

describe('copies of what is in the bucket', () => {
  it('stay within their bytes, the longest unused going first, and come back when they are needed', async () => {
    process.env.BLOBS_CACHE_BYTES = String(2.5 * MB);
    const contents = Array.from({ length: 3 }, () => randomBytes(MB));
    const [first, second, third] = [await store(contents[0]!), await store(contents[1]!), await store(contents[2]!)];
    expect(copies()).toHaveLength(2);
    bucket.requests();
    await readAt(third!.path);
    await readAt(second!.path);
    expect(bucket.requests()).toEqual([]);
    expect((await readAt(first!.path)).equals(contents[0]!)).toBe(true);
    expect(bucket.requests()).toEqual([expect.stringMatching(/^GET /)]);
    expect(copies()).toHaveLength(2);
  });

  it('that go while they are read stay for their reader', async () => {
    process.env.BLOBS_CACHE_BYTES = String(MB);
    const content = randomBytes(MB);
    const { path } = await store(content);
    const file = await openBlob(path);
    await store(randomBytes(MB));
    expect(copies()).toHaveLength(1);
    expect(readFileSync(file.path).equals(content)).toBe(true);
    await file.release();
    expect(held()).toEqual([]);
  });

  it('may be used by two processes at once, with room for one file only', async () => {
    process.env.BLOBS_CACHE_BYTES = String(MB);
    const contents = Array.from({ length: 3 }, () => randomBytes(MB));
    const wanted: Record<string, string> = {};
    for (const content of contents) wanted[(await store(content)).path] = sha256(content);
    const script = `
      import { createHash } from 'node:crypto';
      import { readFileSync } from 'node:fs';
      import { openBlob } from ${JSON.stringify(join(root, 'lib/measurements/blobs.ts'))};
      const wanted = Object.entries(${JSON.stringify(wanted)});
      for (let i = 0; i < 30; i++) {
        const [address, sha256] = wanted[(i * 7 + process.pid) % wanted.length];
        const file = await openBlob(address);
        if (createHash('sha256').update(readFileSync(file.path)).digest('hex') !== sha256) throw new Error('other bytes');
        await file.release();
      }
      console.log('read');`;
    const read = () =>
      promisify(execFile)(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script],
        {
          env: process.env,
        },
      );
    const both = await Promise.all([read(), read()]);
    expect(both.map(({ stdout }) => stdout.trim())).toEqual(['read', 'read']);
    expect(held()).toEqual([]);
    const folder = process.env.PLUMBLINE_DATA_DIR!;
    expect(copies().reduce((sum, path) => sum + statSync(join(folder, path)).size, 0)).toBeLessThanOrEqual(2 * MB);
  });
});

describe('a bucket that', () => {
  const secret = 'a-secret-that-nobody-may-read';
  const failing: [string, Record<string, string>][] = [
    ['does not answer', { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }],
    ['is not there', { BLOBS_URL: 's3://nowhere/at-all' }],
    ['knows no such key', { AWS_ACCESS_KEY_ID: 'AKIASOMEBODYELSE', AWS_SECRET_ACCESS_KEY: secret }],
    ['refuses the signature', { AWS_SESSION_TOKEN: '', AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: secret }],
  ];
  it.each(failing)('%s is an answer with a code, without a secret in it or in the log', async (_what, env) => {
    const { path } = await store(randomBytes(100));
    const keys = bucket.keys();
    freshMachine();
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const before = { ...process.env };
    Object.assign(process.env, env);
    vi.resetModules();
    const anew = (await import('./blobs.ts')) as typeof import('./blobs.ts');
    try {
      const failures = [
        await anew.storeBlob(bodyOf(randomBytes(9 * MB)), 9 * MB).catch((error: unknown) => error),
        ...('BLOBS_URL' in env ? [] : [await anew.openBlob(path).catch((error: unknown) => error)]),
      ];
      for (const failure of failures) {
        expect(failure).toMatchObject({ kind: 'unavailable', code: 'blobs_unavailable' });
        expect(JSON.stringify([failure, (failure as Error).message])).not.toMatch(/secret-that|S3RVER|AKIA/);
      }
      expect(JSON.stringify(log.mock.calls)).not.toMatch(/secret-that|S3RVER|AKIA/);
      expect(log.mock.calls[0]?.[0]).toMatch(/^uploads: the bucket would not store: \w+/);
      expect([copies(), held()]).toEqual([[], []]);
    } finally {
      log.mockRestore();
      process.env = before;
    }
    expect(bucket.keys()).toEqual(keys);
  });
});
