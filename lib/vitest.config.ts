import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = join(import.meta.dirname, '..');

export default defineConfig({
  root,
  test: {
    include: ['{app,components,db,lib,scripts}/**/*.test.{ts,tsx}'],
    globalSetup: [join(root, 'lib/testing/server.ts')],
    setupFiles: [join(root, 'lib/testing/seed.ts')],
    pool: 'forks',
    // The database server wants a core of its own once the tests keep it busy.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // A first query waits for its file's own database to be copied, on a loaded machine for seconds.
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
