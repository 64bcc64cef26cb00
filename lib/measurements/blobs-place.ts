import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where uploads are kept: a folder of this machine, or a bucket; `prefix` is empty or ends in a slash. */
export type BlobsPlace =
  | { kind: 'folder'; folder: string }
  | { kind: 'bucket'; bucket: string; prefix: string; region: string | undefined; endpoint: string | undefined };

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const PREFIX = /^[\w!'()*./-]*$/;
/** Copies of what is in the bucket, in bytes; a file that is being read stays whatever its size. */
const CACHE_BYTES = 4 * 1024 ** 3;

/**
 * Reads `BLOBS_URL`, and beside a bucket the usual AWS_REGION and AWS_ENDPOINT_URL. Credentials are the client's own business.
 * @throws Error that says what to change; never with the address in it, which may hold what should not be there
 */
export function blobsPlace(env: NodeJS.ProcessEnv): BlobsPlace {
  const given = env.BLOBS_URL;
  if (!given) return { kind: 'folder', folder: join(env.PLUMBLINE_DATA_DIR || '.data', 'uploads') };
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url?.protocol === 'file:') return { kind: 'folder', folder: folderOf(url) };
  if (url?.protocol !== 's3:') throw new Error('BLOBS_URL must be a file:/// address or s3://bucket/prefix.');
  if (url.username || url.password)
    throw new Error('BLOBS_URL must not hold credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.');
  if (url.port || url.search || url.hash)
    throw new Error(
      'BLOBS_URL must be s3://bucket/prefix and nothing else: a server of your own goes in AWS_ENDPOINT_URL.',
    );
  if (!BUCKET.test(url.hostname))
    throw new Error('BLOBS_URL must name a bucket of 3 to 63 lower-case letters, digits, dots and hyphens.');
  const folder = url.pathname.replace(/^\/+|\/+$/g, '');
  if (!PREFIX.test(folder) || folder.length > 500)
    throw new Error('The prefix in BLOBS_URL may hold letters, digits, slashes and - _ . only, 500 at most.');
  const endpoint = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || undefined;
  if (endpoint !== undefined && !/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : ''))
    throw new Error('AWS_ENDPOINT_URL must be an http:// or https:// address.');
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || (endpoint ? 'us-east-1' : undefined);
  return { kind: 'bucket', bucket: url.hostname, prefix: folder ? `${folder}/` : '', region, endpoint };
}

function folderOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw new Error('BLOBS_URL must be a file:/// address of a folder on this machine.');
  }
}

/** Where copies of what is in the bucket are held, and how many bytes of them. */
export function cachePlace(env: NodeJS.ProcessEnv): { folder: string; bytes: number } {
  const given = env.BLOBS_CACHE_BYTES;
  if (given && !/^[1-9]\d{0,14}$/.test(given)) throw new Error('BLOBS_CACHE_BYTES must be a whole number of bytes.');
  const folder = resolve(env.PLUMBLINE_DATA_DIR || '.data', 'blob-cache');
  return { folder, bytes: given ? Number(given) : CACHE_BYTES };
}
