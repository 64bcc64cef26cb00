import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { draftFile, type LocalFile } from './blob-cache.ts';
import { storeInFolder } from './blob-folder.ts';
import { blobsPlace } from './blobs-place.ts';
import { type Measure, openIntake } from './intake-stream.ts';

/**
 * Where raw uploads and what is made of them lie: in a folder, where a file's address is its path, or in a bucket, `s3://bucket/key`.
 * An address says itself which it is, so that files stay readable when `BLOBS_URL` changes.
 */
export type StoredBlob = { path: string } & Measure;

const inBucket = (address: string): boolean => address.startsWith('s3://');
/** The client of a bucket is a heavy package: who has a folder never loads it. */
const bucket = () => import('./bucket.ts');

/**
 * Makes a request body durable before it returns: a file and its folder synced, or a whole object in the bucket. A body that
 * breaks off or grows too large leaves nothing behind.
 */
export async function storeBlob(
  body: ReadableStream<Uint8Array> | null,
  declaredBytes: number | null,
): Promise<StoredBlob> {
  const place = blobsPlace(process.env);
  const intake = openIntake(body, declaredBytes);
  return place.kind === 'folder' ? storeInFolder(place.folder, intake) : (await bucket()).storeInBucket(place, intake);
}

/**
 * A file of this machine with what is at the address, until it is released.
 * @throws AppError `blob_gone` or `blobs_unavailable` from a bucket; a folder's file is not looked at
 */
export async function openBlob(address: string): Promise<LocalFile> {
  if (inBucket(address)) return (await bucket()).openFromBucket(address);
  return { path: address, release: async () => undefined };
}

/** Where to write what `keepBlob` makes durable at the address, and what belongs beside it: in a folder it is the place itself. */
export async function draftBlob(address: string): Promise<LocalFile> {
  return inBucket(address) ? draftFile() : { path: address, release: async () => undefined };
}

/** Makes a written and synced file durable at its address. */
export async function keepBlob(address: string, path: string): Promise<void> {
  if (inBucket(address)) await (await bucket()).keepInBucket(address, path);
}

export async function removeBlob(address: string): Promise<void> {
  if (inBucket(address)) await (await bucket()).removeFromBucket(address);
  else await rm(address, { force: true });
}

export const hasBlob = async (address: string): Promise<boolean> =>
  inBucket(address) ? (await bucket()).isInBucket(address) : existsSync(address);
