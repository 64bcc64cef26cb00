import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { newId } from '../base/ids.ts';
import { AppError } from '../shell/errors.ts';

/** The largest upload, in bytes as sent. */
export const MAX_UPLOAD_BYTES = 4 * 1024 ** 3;

/** The folder of raw uploads: `BLOBS_URL` (file:///…), else beside the embedded database. */
export function blobsFolder(): string {
  const url = process.env.BLOBS_URL;
  if (url?.startsWith('file://')) return fileURLToPath(url);
  if (url) throw new AppError('unavailable', 'blobs_url_unsupported', 'BLOBS_URL must be a file:/// address.');
  return join(process.env.PLUMBLINE_DATA_DIR ?? '.data', 'uploads');
}

export type StoredBlob = { path: string; bytes: number; sha256: string };

/**
 * Writes a request body to disk and makes it durable (file and folder are synced) before it returns. A body that breaks
 * off or grows too large leaves nothing behind.
 */
export async function storeBlob(
  body: ReadableStream<Uint8Array> | null,
  declaredBytes: number | null,
): Promise<StoredBlob> {
  const folder = blobsFolder();
  await mkdir(folder, { recursive: true });
  const path = join(folder, newId());
  const partial = `${path}.part`;
  const hash = createHash('sha256');
  let bytes = 0;
  // Opened before anything can go wrong: a stream that still opens its file when it fails makes it after we removed it.
  const file = await open(partial, 'wx');
  try {
    if (declaredBytes !== null && declaredBytes > MAX_UPLOAD_BYTES) throw tooLarge();
    const source = body ? Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]) : Readable.from([]);
    const count = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        bytes += chunk.byteLength;
        if (bytes > MAX_UPLOAD_BYTES) throw tooLarge();
        hash.update(chunk);
        yield chunk;
      }
    };
    await pipeline(source, count, file.createWriteStream({ flush: true }));
    if (declaredBytes !== null && bytes !== declaredBytes) throw cutOff();
    await rename(partial, path);
    await syncFolder(dirname(path));
    return { path, bytes, sha256: hash.digest('hex') };
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(partial, { force: true });
    if (error instanceof AppError) throw error;
    if ((error as { code?: string }).code === 'ENOSPC')
      throw new AppError('unavailable', 'no_space', 'There is no room left to store the upload.');
    throw cutOff();
  }
}

const tooLarge = (): AppError =>
  new AppError('too_large', 'upload_too_large', `An upload must have at most ${MAX_UPLOAD_BYTES} bytes.`);
const cutOff = (): AppError =>
  new AppError('malformed', 'upload_cut_off', 'The upload broke off before its end: nothing was kept. Send it again.');

/** A rename is only durable once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export const removeBlob = (path: string): Promise<void> => rm(path, { force: true });
export const blobSize = async (path: string): Promise<number> => (await stat(path)).size;
