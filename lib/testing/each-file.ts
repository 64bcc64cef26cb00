import fc from 'fast-check';
import { afterAll } from 'vitest';

/**
 * The same cases in every run, so that a change is judged by what it changed. `FC_SEED=$RANDOM` looks for new ones; a
 * failure prints the seed that repeats it.
 */
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_260_301) });

// Files that share a process do not share what one of them set.
const environment = { ...process.env };
afterAll(() => {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
});
