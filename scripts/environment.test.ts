import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from './environment.ts';

describe('a start', () => {
  const dataDir = join(tmpdir(), `plumbline-never-${process.pid}`);
  it.each([
    ['a place for uploads that is none', { BLOBS_URL: 'gs://uploads' }, /^BLOBS_URL must be/],
    ['an endpoint that is none', { BLOBS_URL: 's3://uploads', AWS_ENDPOINT_URL: 'minio' }, /^AWS_ENDPOINT_URL must be/],
    ['room for copies that is no number', { BLOBS_CACHE_BYTES: '4GB' }, /^BLOBS_CACHE_BYTES must be/],
  ])('is refused with %s, before anything is made', (_what, env, words) => {
    expect(() => readEnvironment({ NODE_ENV: 'test', PLUMBLINE_DATA_DIR: dataDir, ...env })).toThrow(words);
    expect(existsSync(dataDir)).toBe(false);
  });
});
