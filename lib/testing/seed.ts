import fc from 'fast-check';

/**
 * The same cases in every run, so that a change is judged by what it changed. `FC_SEED=$RANDOM` looks for new ones; a
 * failure prints the seed that repeats it.
 */
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_260_301) });
