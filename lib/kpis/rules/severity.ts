import type { PointState } from '../schema.ts';

/** States of a goal, the most urgent first. */
export const WORST_FIRST = ['breach', 'pending', 'watch', 'no_data', 'ok'] as const satisfies readonly PointState[];
