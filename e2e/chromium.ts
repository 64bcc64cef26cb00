import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** The browser to drive: the named one, the system's, or the one that comes as a package. */
export async function findChromium(): Promise<{ executablePath: string; env: NodeJS.ProcessEnv }> {
  const named = process.env.CHROMIUM_PATH;
  if (named) return { executablePath: named, env: process.env };
  const folders = (process.env.PATH ?? '').split(delimiter);
  const system = names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
  return system ? { executablePath: system, env: process.env } : unpacked();
}

async function unpacked(): Promise<{ executablePath: string; env: NodeJS.ProcessEnv }> {
  // The package unpacks to fixed names in the temporary folder: a private one keeps other users' files out of the way.
  const inherited = process.env.PLUMBLINE_CHROMIUM_DIR;
  const folder = inherited ?? mkdtempSync(join(tmpdir(), 'plumbline-chromium-'));
  // The workers of one run share what its first process unpacked, and that one clears it away.
  process.env.PLUMBLINE_CHROMIUM_DIR = folder;
  if (!inherited) process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  // It unpacks the libraries of Amazon Linux only where it believes to run there.
  process.env.AWS_EXECUTION_ENV = 'AWS_Lambda_nodejs24.x';
  const { default: chromium } = await import('@sparticuz/chromium');
  const executablePath = await chromium.executablePath();
  delete process.env.AWS_EXECUTION_ENV;
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  const libraries = join(folder, 'al2023', 'lib');
  const bare = spawnSync(executablePath, ['--version']).status !== 0;
  const env = bare
    ? { ...process.env, LD_LIBRARY_PATH: [libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':') }
    : process.env;
  return { executablePath, env };
}

export const chromiumFlags = [
  // Chromium's sandbox refuses root, and needs namespaces that CI machines deny.
  ...(process.getuid?.() === 0 || process.env.CI ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
