import type { ProfiledColumn } from '../measurements/schema.ts';
import { checkState, type DriftResult, driftState, type JudgedColumn } from './schema.ts';

/** What is kept of a judged window: an array a figure, in the order of the reference's columns; null where the window lacks one. */
export type Judged = {
  filled: (number | null)[];
  psi: (number | null)[];
  noiseLimit: (number | null)[];
  /** Places in `driftState` and `checkState`: the order of their words is part of what is stored. */
  states: (number | null)[];
  missing: (number | null)[];
  fresh: (number | null)[];
};

const STATES = driftState.options;
const CHECKS = checkState.options;

/** The figures of a window in the order of the reference's columns. */
export function packJudged(columns: readonly ProfiledColumn[], results: readonly DriftResult[]): Judged {
  const byName = new Map(results.map((result) => [result.column, result]));
  const each = (of: (result: DriftResult) => number) =>
    columns.map(({ name }) => {
      const result = byName.get(name);
      return result ? of(result) : null;
    });
  return {
    filled: each((result) => result.n),
    psi: each((result) => result.psi),
    noiseLimit: each((result) => result.noiseLimit),
    states: each((result) => STATES.indexOf(result.state)),
    missing: each((result) => CHECKS.indexOf(result.missing.state)),
    fresh: each((result) => CHECKS.indexOf(result.fresh.state)),
  };
}

/** One column of a judged window by its place in the reference; undefined where the window lacks it. */
export function judgedColumn(judged: Judged, place: number): JudgedColumn | undefined {
  const [n, psi, noiseLimit] = [judged.filled[place], judged.psi[place], judged.noiseLimit[place]];
  const state = STATES[judged.states[place] ?? -1];
  const missing = CHECKS[judged.missing[place] ?? -1];
  const fresh = CHECKS[judged.fresh[place] ?? -1];
  if (n == null || psi == null || noiseLimit == null || !state || !missing || !fresh) return undefined;
  return { n, psi, noiseLimit, state, missing, fresh };
}
