import { globSync, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** The package brings no types: what of it is used here. */
type S3rver = new (
  options: Record<string, unknown>,
) => { run(): Promise<AddressInfo>; close(): Promise<void>; httpServer: Server };
const S3Server = createRequire(import.meta.url)('@20minutes/s3rver') as S3rver;

export type TestBucket = {
  endpoint: string;
  /** The keys of what is in the bucket. */
  keys: () => string[];
  /** What was asked of it since it was last asked for: `PUT /uploads/…`. */
  requests: () => string[];
};

/** A server that speaks S3 and checks signatures, with one bucket named `uploads`; the environment points to it. Gone with the test file. */
export async function testBucket(): Promise<TestBucket> {
  const directory = mkdtempSync(join(tmpdir(), 'plumbline-bucket-'));
  const server = new S3Server({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory,
    configureBuckets: [{ name: 'uploads' }],
  });
  const { port } = await server.run();
  let asked: string[] = [];
  server.httpServer.on('request', (request: IncomingMessage) => asked.push(`${request.method} ${request.url}`));
  afterAll(async () => {
    server.httpServer.closeAllConnections();
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const endpoint = `http://127.0.0.1:${port}`;
  process.env.BLOBS_URL = 's3://uploads/plumbline/raw';
  process.env.AWS_ENDPOINT_URL = endpoint;
  process.env.AWS_ACCESS_KEY_ID = 'S3RVER';
  process.env.AWS_SECRET_ACCESS_KEY = 'S3RVER';
  return {
    endpoint,
    keys: () =>
      globSync('**/*._S3rver_object', { cwd: join(directory, 'uploads') })
        .map((path) => path.replace('._S3rver_object', ''))
        .sort(),
    requests: () => {
      const all = asked;
      asked = [];
      return all;
    },
  };
}
