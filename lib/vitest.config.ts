import { existsSync, globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = join(import.meta.dirname, '..');
const all = '{app,components,db,lib,scripts}/**/*.test.{ts,tsx}';
const database = globSync(all, { cwd: root }).filter(leadsTo(join(root, 'lib/testing/database.ts')));

export default defineConfig({
  root,
  test: {
    globalSetup: [join(root, 'lib/testing/server.ts')],
    setupFiles: [join(root, 'lib/testing/each-file.ts')],
    pool: 'forks',
    // The database server wants a core of its own once the tests keep it busy.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // A first query waits for its file's own database to be copied, on a loaded machine for seconds.
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: [
      // What may come out differently on another server: `.ci/run` asks two.
      { extends: true, test: { name: 'database', include: database } },
      // What holds no connection and no routes is loaded once a worker instead of once a file.
      { extends: true, test: { name: 'pure', include: [all], exclude: database, isolate: false } },
    ],
  },
});

/** Whether a test file gets a database: it, or something that it imports, imports this one door to it. */
function leadsTo(door: string): (path: string) => boolean {
  const known = new Map<string, boolean>([[door, true]]);
  const leads = (file: string): boolean => {
    if (!known.has(file)) {
      // Nothing of the house imports itself in a circle; should a quoted line seem to, it ends here.
      known.set(file, false);
      known.set(file, importsOf(file).some(leads));
    }
    return known.get(file) === true;
  };
  return (path) => leads(join(root, path));
}

function importsOf(file: string): string[] {
  const found = readFileSync(file, 'utf8').matchAll(/\b(?:from|import) ?\(?'(\.[^']+\.tsx?)'/g);
  // A test of imports may quote one that leads nowhere.
  return [...found].map(([, to]) => join(dirname(file), to ?? '')).filter(existsSync);
}
