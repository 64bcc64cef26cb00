import { createHash } from 'node:crypto';
import { link, mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../base/ids.ts';
import { DAY_MS } from '../base/time.ts';
import { orNoSpace } from './blob-folder.ts';
import { cachePlace } from './blobs-place.ts';

/** A file of this machine that stays until it is released. */
export type LocalFile = { path: string; release: () => Promise<void> };

/** Nobody reads one file for so long: whoever left its name behind was killed. */
const LEFT_BEHIND_MS = DAY_MS;

/**
 * Copies of what lies elsewhere, the longest unused going first. Several processes may share the folder: a copy appears whole, by a
 * link, and every reader holds a name of its own for it, which outlives the copy's.
 */
const folders = () => {
  const { folder } = cachePlace(process.env);
  return { copies: join(folder, 'copies'), held: join(folder, 'held') };
};
const copyOf = (address: string): string => join(folders().copies, createHash('sha256').update(address).digest('hex'));

/** A path in a folder of one's own, which goes with all that was written there when it is released. */
export async function draftFile(): Promise<LocalFile> {
  const { copies, held } = folders();
  const folder = join(held, `${Date.now()}-${newId()}`);
  await Promise.all([copies, folder].map((each) => mkdir(each, { recursive: true })));
  return { path: join(folder, 'file'), release: () => rm(folder, { recursive: true, force: true }) };
}

/** A copy of what is at the address, made by `fetch` where there is none. */
export async function openCopy(address: string, fetch: (path: string) => Promise<void>): Promise<LocalFile> {
  const file = await draftFile();
  if (await linked(copyOf(address), file.path)) {
    const now = new Date();
    await utimes(file.path, now, now);
    return file;
  }
  try {
    await fetch(file.path);
    await keepCopy(address, file.path);
    return file;
  } catch (error) {
    await file.release();
    throw orNoSpace(error);
  }
}

/** Makes a finished file the copy of an address. */
export async function keepCopy(address: string, path: string): Promise<void> {
  await linked(path, copyOf(address));
  await trim();
}

export const hasCopy = (address: string): Promise<boolean> =>
  stat(copyOf(address)).then(
    () => true,
    () => false,
  );

export const dropCopy = (address: string): Promise<void> => rm(copyOf(address), { force: true });

/** Whether there is a file at `to` now; false where there is none at `from`. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'EEXIST') return true;
    if (code === 'ENOENT') return false;
    throw error;
  }
}

/** Makes room, and removes what killed readers left behind. */
async function trim(): Promise<void> {
  const { copies, held } = folders();
  const { bytes } = cachePlace(process.env);
  const left = (await readdir(/* turbopackIgnore: true */ held)).filter(
    (name) => Date.now() - Number(name.split('-')[0]) > LEFT_BEHIND_MS,
  );
  const found = await Promise.all(
    (await readdir(/* turbopackIgnore: true */ copies)).map(async (name) => {
      const path = join(copies, name);
      // Another process may have been quicker to remove it.
      const facts = await stat(path).catch(() => null);
      return { path, size: facts?.size ?? 0, usedAt: facts?.mtimeMs ?? 0 };
    }),
  );
  found.sort((a, b) => b.usedAt - a.usedAt);
  let sum = 0;
  const gone = found.flatMap(({ path, size }) => {
    sum += size;
    return sum > bytes ? [path] : [];
  });
  await Promise.all(
    [...left.map((name) => join(held, name)), ...gone].map((path) => rm(path, { recursive: true, force: true })),
  );
}
