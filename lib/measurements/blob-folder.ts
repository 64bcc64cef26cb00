import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { newId } from '../base/ids.ts';
import { AppError } from '../shell/errors.ts';
import type { Intake, Measure } from './intake-stream.ts';

/**
 * Writes a body to a file of the folder; file and folder are synced when it returns. A failure leaves nothing behind.
 * @throws AppError `no_space` where the disk is full
 */
export async function storeInFolder(folder: string, intake: Intake): Promise<{ path: string } & Measure> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, newId());
  const partial = `${path}.part`;
  try {
    const file = await open(partial, 'wx');
    try {
      for await (const piece of intake.pieces) await writeWhole(file, piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
    await syncFolder(dirname(path));
    return { path, ...intake.measure() };
  } catch (error) {
    await rm(partial, { force: true });
    throw orNoSpace(error);
  }
}

/** One call as a rule; a file system may take less than it is given. */
export async function writeWhole(file: FileHandle, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.byteLength; ) at += (await file.write(piece, at)).bytesWritten;
}

export const noSpace = (): AppError =>
  new AppError('unavailable', 'no_space', 'There is no room left to store the upload.');

/** A full disk is a state that callers are told; anything else stays what it is. */
export const orNoSpace = (error: unknown): unknown =>
  (error as { code?: unknown } | null)?.code === 'ENOSPC' ? noSpace() : error;

/** A rename is only durable once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
