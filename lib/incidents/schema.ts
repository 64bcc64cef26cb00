import * as z from 'zod';
import { counted } from '../base/count.ts';
import { instant, line, prose } from '../base/text.ts';

/** `recovered`: the figure is good again, and a person has yet to say what it was. */
export const INCIDENT_STATES = ['open', 'acknowledged', 'snoozed', 'recovered', 'resolved'] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

export const CAUSES = ['real_degradation', 'data_problem', 'expected_change', 'limit_wrong', 'noise'] as const;
export type Cause = (typeof CAUSES)[number];
export const CAUSE_WORDS = {
  real_degradation: 'The model got worse',
  data_problem: 'Something was wrong with the data',
  expected_change: 'An expected change',
  limit_wrong: 'The limit was wrong',
  noise: 'Noise',
} as const satisfies Record<Cause, string>;

const id = counted();
export const acknowledgeInput = z.strictObject({ id, note: prose(2000).optional() });
export const assignInput = z.strictObject({ id, assignee: line(254).toLowerCase() });
export const snoozeInput = z.strictObject({
  id,
  until: instant,
  note: prose(2000).optional(),
});
export const resolveInput = z.strictObject({ id, cause: z.enum(CAUSES), note: prose(2000).optional() });
export const evaluateInput = z.strictObject({ model: z.uuid() });

export type IncidentView = {
  id: number;
  model: string;
  kpiId: string;
  kpi: string;
  kpiVersion: number;
  state: IncidentState;
  openedAt: string;
  windowStart: string;
  value: number | null;
  limit: number | null;
  assignee: string | null;
  acknowledgedBy: string | null;
  recoveredAt: string | null;
  resolvedAt: string | null;
  cause: Cause | null;
  note: string | null;
};
