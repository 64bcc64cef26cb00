import type { Cause, IncidentState } from '../../lib/incidents/schema.ts';

/** Spelled here as well as in the schema, which would bring its parser into the first load; the types keep them in step. */
export const CAUSES = {
  real_degradation: 'The model got worse',
  data_problem: 'Something was wrong with the data',
  expected_change: 'An expected change',
  limit_wrong: 'The limit was wrong',
  noise: 'Noise',
} as const satisfies Record<Cause, string>;

export const INCIDENT_WORDS = {
  open: '■ Open',
  acknowledged: '◐ Being looked at',
  snoozed: '◐ Snoozed',
  recovered: '✓ Recovered, cause not yet said',
  resolved: '✓ Resolved',
} as const satisfies Record<IncidentState, string>;
