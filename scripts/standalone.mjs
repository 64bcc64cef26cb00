// Puts together what a container needs, apart from the packages: node scripts/standalone.mjs <folder>.
// The caller adds node_modules by `npm ci --omit=dev`: the worker needs packages that Next, which traces pages only, leaves out.
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, root } from './prepare.mjs';

const target = resolve(process.argv[2] ?? 'standalone');
process.env.PLUMBLINE_STANDALONE = '1';
await build();
mkdirSync(target, { recursive: true });
const built = join(root, '.next', 'standalone');
// .next has a node_modules of its own, links that the pages go through, and our web server stands in for Next's own script.
cpSync(built, target, {
  recursive: true,
  verbatimSymlinks: true,
  filter: (path) => path !== join(built, 'node_modules') && path !== join(built, 'server.js'),
});
cpSync(join(root, '.next', 'static'), join(target, '.next', 'static'), { recursive: true });
for (const name of [
  'public',
  'scripts',
  'db',
  'lib',
  'next.config.js',
  'package.json',
  'package-lock.json',
  '.npmrc',
]) {
  if (existsSync(join(root, name)))
    cpSync(join(root, name), join(target, name), { recursive: true, filter: (path) => !path.endsWith('.test.ts') });
}
