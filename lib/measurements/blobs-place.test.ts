import { describe, expect, it } from 'vitest';
import { blobsPlace, cachePlace } from './blobs-place.ts';

const place = (env: Record<string, string>) => blobsPlace(env as NodeJS.ProcessEnv);

describe('where uploads are kept', () => {
  it('is the data folder, another folder, or a bucket with its prefix', () => {
    expect(place({ PLUMBLINE_DATA_DIR: '/data' })).toEqual({ kind: 'folder', folder: '/data/uploads' });
    expect(place({ BLOBS_URL: 'file:///var/up%20loads' })).toEqual({ kind: 'folder', folder: '/var/up loads' });
    const bucket = { kind: 'bucket', bucket: 'my-uploads', prefix: '', endpoint: undefined, region: undefined };
    expect(place({ BLOBS_URL: 's3://my-uploads' })).toEqual(bucket);
    const prefixed = { BLOBS_URL: 's3://my-uploads/plumbline/raw/', AWS_REGION: 'eu-central-1' };
    expect(place(prefixed)).toEqual({ ...bucket, prefix: 'plumbline/raw/', region: 'eu-central-1' });
  });

  it('is on a server of your own where AWS_ENDPOINT_URL names one, which needs no region', () => {
    const env = { BLOBS_URL: 's3://uploads', AWS_ENDPOINT_URL: 'http://minio:9000' };
    expect(place(env)).toMatchObject({ endpoint: 'http://minio:9000', region: 'us-east-1' });
    expect(place({ ...env, AWS_ENDPOINT_URL_S3: 'https://s3.internal' })).toMatchObject({
      endpoint: 'https://s3.internal',
    });
  });

  const malformed: [string, Record<string, string>, RegExp][] = [
    ['another kind of address', { BLOBS_URL: 'gs://uploads' }, /file:\/\/\/ address or s3/],
    ['a path', { BLOBS_URL: '/var/uploads' }, /file:\/\/\/ address or s3/],
    ['a file on another machine', { BLOBS_URL: 'file://nas/uploads' }, /folder on this machine/],
    ['no bucket', { BLOBS_URL: 's3:///raw' }, /must name a bucket/],
    ['a bucket in capitals', { BLOBS_URL: 's3://MyUploads' }, /must name a bucket/],
    ['a port', { BLOBS_URL: 's3://uploads:9000/raw' }, /AWS_ENDPOINT_URL/],
    ['a query', { BLOBS_URL: 's3://uploads/raw?region=eu' }, /nothing else/],
    ['a prefix that needs escaping', { BLOBS_URL: 's3://uploads/raw files' }, /prefix/],
    ['an endpoint that is none', { BLOBS_URL: 's3://uploads', AWS_ENDPOINT_URL: 'minio:9000' }, /AWS_ENDPOINT_URL/],
  ];
  it.each(malformed)('is refused with %s', (_what, env, words) => {
    expect(() => place(env)).toThrow(words);
  });

  it('is refused with credentials in it, without repeating them', () => {
    const refusal = () => place({ BLOBS_URL: 's3://AKIAEXAMPLE:hush@uploads/raw' });
    expect(refusal).toThrow(/must not hold credentials/);
    expect(refusal).not.toThrow(/AKIA|hush/);
  });

  it('has room for copies that is a number of bytes', () => {
    const cache = (bytes: string) => cachePlace({ PLUMBLINE_DATA_DIR: '/data', BLOBS_CACHE_BYTES: bytes } as never);
    expect(cache('1000')).toEqual({ folder: '/data/blob-cache', bytes: 1000 });
    expect(cache('').bytes).toBe(4 * 1024 ** 3);
    expect(() => cache('4GB')).toThrow(/BLOBS_CACHE_BYTES/);
  });
});
