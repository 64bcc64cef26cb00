// Some registries lack the packages of other platforms; `npm install` then drops them from the lock, and `npm ci` refuses it
// ("Missing … from lock file"). Run after each install; `--check` only looks, and fails on a hole.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const file = join(import.meta.dirname, '..', 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
  Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => !find(path, name))
    .map(([name, range]) => ({ path, entry, name, range })),
);
const foreignHosts = Object.values(lock.packages).filter(({ resolved }) => resolved?.startsWith('http')).length;

if (process.argv.includes('--check')) {
  if (missing.length > 0)
    console.error(`package-lock.json lacks ${missing.map(({ name }) => name).join(', ')}: run npm run lock:platforms`);
  if (foreignHosts > 0)
    console.error(`package-lock.json names a registry host ${foreignHosts} times: .npmrc must omit them.`);
  process.exitCode = missing.length + foreignHosts > 0 ? 1 : 0;
} else {
  for (const hole of missing) fill(hole);
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${missing.length} platform entries added.`);
}

/** As Node resolves: the nearest node_modules on the way up. */
function find(path, name) {
  const place = `${path ? `${path}/` : ''}node_modules/${name}`;
  if (lock.packages[place]) return lock.packages[place];
  return path === '' ? undefined : find(path.slice(0, Math.max(path.lastIndexOf('/node_modules/'), 0)), name);
}

function fill({ path, entry, name, range }) {
  const siblings = Object.keys(entry.optionalDependencies).map((other) => find(path, other));
  const sibling = siblings.find(Boolean);
  // An exact pin is its own version; under a range the platforms of one release share it.
  const version = /^\d/.test(range) ? range : sibling?.version;
  if (!version) throw new Error(`No version is known for ${name} (${range}): pin it.`);
  lock.packages[`node_modules/${name}`] = {
    version,
    ...platformOf(name),
    ...(entry.dev ? { dev: true } : {}),
    optional: true,
    ...(sibling?.engines ? { engines: sibling.engines } : {}),
  };
}

function platformOf(name) {
  const words = name.split(/[^a-z0-9]+/);
  const one = (known) => known.find((word) => words.includes(word));
  const os =
    one(['linux', 'darwin', 'win32', 'android', 'freebsd', 'netbsd', 'openbsd', 'sunos', 'aix']) ??
    (words.includes('windows') ? 'win32' : undefined);
  const cpu = one(['x64', 'arm64', 'ia32', 'arm', 'riscv64', 'ppc64', 's390x', 'loong64', 'wasm32']);
  const libc = words.includes('musl') ? 'musl' : words.includes('gnu') ? 'glibc' : undefined;
  // An entry that fits every platform would be fetched on this one, where the registry lacks it.
  if (!os && !cpu) throw new Error(`The name ${name} does not say its platform.`);
  return { ...(cpu ? { cpu: [cpu] } : {}), ...(libc ? { libc: [libc] } : {}), ...(os ? { os: [os] } : {}) };
}
