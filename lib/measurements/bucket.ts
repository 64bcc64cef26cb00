import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { newId } from '../base/ids.ts';
import { SECOND_MS } from '../base/time.ts';
import { AppError } from '../shell/errors.ts';
import { draftFile, dropCopy, hasCopy, keepCopy, type LocalFile, openCopy } from './blob-cache.ts';
import { orNoSpace, writeWhole } from './blob-folder.ts';
import { type BlobsPlace, blobsPlace } from './blobs-place.ts';
import type { Intake, Measure } from './intake-stream.ts';

/** A part of a large object, in bytes: four are in memory at once, and ten thousand of them make one object at most. */
const PART_BYTES = 8 * 1024 ** 2;
const PARTS_AT_ONCE = 4;
/** A server that does not even take the connection is away; one that is busy may take its time over a part. */
const CONNECT_MS = 5 * SECOND_MS;
const REQUEST_MS = 120 * SECOND_MS;

type Bucket = Extract<BlobsPlace, { kind: 'bucket' }>;

let held: { key: string; client: S3Client } | undefined;

/** Credentials come from the client's own chain: AWS_* variables, a profile, the role of the machine. */
function clientOf({ region, endpoint }: Bucket): S3Client {
  const key = JSON.stringify([region, endpoint, process.env.AWS_ACCESS_KEY_ID]);
  if (held?.key === key) return held.client;
  const client = new S3Client({
    ...(region ? { region } : {}),
    // Servers of one's own have one name for all buckets, and some refuse the checksums that Amazon's own wants.
    ...(endpoint
      ? {
          endpoint,
          forcePathStyle: true,
          requestChecksumCalculation: 'WHEN_REQUIRED',
          responseChecksumValidation: 'WHEN_REQUIRED',
        }
      : {}),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: REQUEST_MS },
  });
  held = { key, client };
  return client;
}

/** What an address `s3://bucket/key` names, by the endpoint in force. */
function locate(address: string): { client: S3Client; Bucket: string; Key: string } {
  const place = blobsPlace(process.env);
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(address) ?? [];
  if (place.kind !== 'bucket' || !Bucket || !Key)
    throw new AppError('unavailable', 'blobs_elsewhere', 'This file lies in a bucket, and BLOBS_URL names none.');
  return { client: clientOf(place), Bucket, Key };
}

/** Sends a body on to the bucket as it comes, keeping a copy here for the reader; the object exists whole or not at all. */
export async function storeInBucket(place: Bucket, intake: Intake): Promise<{ path: string } & Measure> {
  const address = `s3://${place.bucket}/${place.prefix}${newId()}`;
  const draft = await draftFile();
  /** Why the sending ended, where the body and not the bucket is the reason: a failing clean-up must not hide it. */
  let cause: unknown;
  try {
    const file = await open(draft.path, 'wx');
    try {
      const copied = async function* () {
        try {
          for await (const piece of intake.pieces) {
            await writeWhole(file, piece);
            yield Buffer.from(piece);
          }
        } catch (error) {
          cause = error;
          throw error;
        }
      };
      await put(address, Readable.from(copied(), { highWaterMark: 2 }));
    } finally {
      await file.close();
    }
    await keepCopy(address, draft.path);
    return { path: address, ...intake.measure() };
  } catch (error) {
    throw away(cause ?? error, 'store');
  } finally {
    await draft.release();
  }
}

/** Puts a file of this machine at an address. */
export async function keepInBucket(address: string, path: string): Promise<void> {
  try {
    await put(address, createReadStream(path, { highWaterMark: 1024 ** 2 }));
  } catch (error) {
    throw away(error, 'store');
  }
  await keepCopy(address, path);
}

async function put(address: string, body: Readable): Promise<void> {
  const { client, ...object } = locate(address);
  const upload = new Upload({
    client,
    params: { ...object, Body: body },
    partSize: PART_BYTES,
    queueSize: PARTS_AT_ONCE,
    // Parts that became no object are paid for until somebody removes them.
    leavePartsOnError: false,
  });
  await upload.done().finally(() => body.destroy());
}

export const openFromBucket = (address: string): Promise<LocalFile> =>
  openCopy(address, async (path) => {
    const { client, ...object } = locate(address);
    try {
      const { Body } = await client.send(new GetObjectCommand(object));
      await pipeline(Body as Readable, createWriteStream(path));
    } catch (error) {
      throw away(error, 'read');
    }
  });

export async function isInBucket(address: string): Promise<boolean> {
  if (await hasCopy(address)) return true;
  const { client, ...object } = locate(address);
  try {
    await client.send(new HeadObjectCommand(object));
    return true;
  } catch (error) {
    const failure = away(error, 'look for');
    if (failure instanceof AppError && failure.code === 'blob_gone') return false;
    throw failure;
  }
}

/** What cannot be removed now is an object too many, which harms nobody: it is logged. */
export async function removeFromBucket(address: string): Promise<void> {
  await dropCopy(address);
  const { client, ...object } = locate(address);
  await client.send(new DeleteObjectCommand(object)).catch((error: unknown) => away(error, 'remove'));
}

/** What the bucket answered, in our words. Its own texts may name keys of access: only the name of the error is logged. */
function away(error: unknown, what: string): unknown {
  if (error instanceof AppError) return error;
  const full = orNoSpace(error);
  if (full instanceof AppError) return full;
  const {
    name = 'unknown',
    code,
    $metadata,
  } = error as {
    name?: string;
    code?: string;
    $metadata?: { httpStatusCode?: number };
  };
  if (name === 'NoSuchKey' || name === 'NotFound')
    return new AppError('unavailable', 'blob_gone', 'The file is not in the bucket any more.');
  console.error(
    `uploads: the bucket would not ${what}: ${name === 'Error' && code ? code : name} ${$metadata?.httpStatusCode ?? ''}`.trimEnd(),
  );
  return new AppError(
    'unavailable',
    'blobs_unavailable',
    'The bucket of the uploads cannot be reached; nothing was changed. Try again later.',
  );
}
