import * as z from 'zod';
import { exact, line, prose, reason } from '../base/text.ts';
import type { MetricPoint } from '../drift/schema.ts';

export const KPI_KINDS = ['business_kpi', 'model_metric', 'guardrail', 'data_quality'] as const;
export type KpiKind = (typeof KPI_KINDS)[number];
export const DIRECTIONS = ['higher_is_better', 'lower_is_better'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** State of one evaluated window. `no_data` is a state of its own: never good, never bad, never an end of anything. */
export const POINT_STATES = ['ok', 'watch', 'pending', 'breach', 'no_data'] as const;
export type PointState = (typeof POINT_STATES)[number];

export const WINDOW_DAYS_MAX = 366;

/** `7`, `"7d"` and `{ "length": "7d" }` all say a week. */
const windowDays = z.preprocess((given) => {
  const length = typeof given === 'object' && given !== null && 'length' in given ? given.length : given;
  const days = typeof length === 'string' ? /^(\d{1,3})d$/.exec(length)?.[1] : undefined;
  return days === undefined ? length : Number(days);
}, z.int('must be a number of days such as "7d"').min(1).max(WINDOW_DAYS_MAX));

/** `200`, or `{ "events": 200, "positives": 20 }`. */
const minSamples = z.preprocess(
  (given) => (typeof given === 'number' ? { events: given } : given),
  z.strictObject({ events: z.int().min(1).max(1e12), positives: z.int().min(0).max(1e12).default(0) }),
);

const limits = z.preprocess(
  (given) => {
    if (typeof given !== 'object' || given === null || !('warn' in given) || 'watch' in given) return given;
    const { warn, ...rest } = given;
    return { watch: warn, ...rest };
  },
  z.strictObject({ watch: z.number().optional(), breach: z.number() }),
);

const rule = z
  .strictObject({
    type: z.enum(['k_of_m', 'interval']).default('k_of_m'),
    k: z.int().min(1).max(30).default(2),
    m: z.int().min(1).max(60).default(3),
    clearAt: z.number().optional(),
    clearFor: z.int().min(1).max(30).default(3),
  })
  .refine((held) => held.k <= held.m, { path: ['k'], message: 'must not be greater than m' });

/** The metric contract (one vocabulary for a goal): without owner, direction, window and minimum sample a limit means nothing. */
export const contractShape = z.strictObject({
  name: line(120),
  metric: exact(200),
  kind: z.enum(KPI_KINDS).default('model_metric'),
  question: prose(300).default(''),
  unit: line(60),
  direction: z.enum(DIRECTIONS),
  target: z.number(),
  limits,
  window: windowDays,
  minSamples,
  rule: rule.prefault({}),
  owner: z
    .string()
    .trim()
    .toLowerCase()
    .max(254)
    .regex(/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u, 'must be an e-mail address'),
  steward: prose(254).trim().optional(),
  responder: prose(254).trim().optional(),
  formula: prose(1000).optional(),
  drivenBy: z.array(line(200)).max(20).optional(),
});
export type Contract = z.output<typeof contractShape>;

/** The good side must be reachable in order: target, clear, watch, breach. */
export const contract = contractShape.superRefine((held, context) => {
  const sign = held.direction === 'higher_is_better' ? 1 : -1;
  const worse = (a: number, b: number) => sign * a < sign * b;
  const word = sign > 0 ? 'below' : 'above';
  const { breach, watch } = held.limits;
  const complain = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  if (!worse(breach, held.target)) complain(['limits', 'breach'], `must be ${word} the target`);
  if (watch !== undefined && worse(watch, breach))
    complain(['limits', 'watch'], `must not be ${word} the breach limit`);
  if (watch !== undefined && worse(held.target, watch)) complain(['limits', 'watch'], 'must not be beyond the target');
  const { clearAt } = held.rule;
  if (clearAt !== undefined && worse(clearAt, breach))
    complain(['rule', 'clearAt'], 'must lie on the good side of the breach limit');
});

export const createKpiInput = z.object({ model: exact(256), contract: z.unknown(), reason });
export const updateKpiInput = z.object({
  id: z.uuid(),
  expectedVersion: z.int(),
  changes: z.record(z.string(), z.unknown()),
  reason,
});
export const deleteKpiInput = z.strictObject({ id: z.uuid(), expectedVersion: z.int(), reason });

/** How one figure stands to one limit, by its 95% interval; `too_few_labels` is a state of its own, neither good nor bad. */
export const LIMIT_STATES = ['met', 'at_risk', 'missed', 'too_few_labels'] as const;
export type LimitState = (typeof LIMIT_STATES)[number];
export type EvaluatedPoint = MetricPoint & { state: PointState };
/** Where the rule stands after the last point: what an incident opens and recovers on. */
export type Transition = { at: string; to: 'alert' | 'clear'; value: number };

export type ChangeDirection = 'created' | 'tightening' | 'loosening' | 'mixed' | 'neutral';

export type KpiView = {
  id: string;
  model: string;
  version: number;
  contract: Contract;
  state: PointState;
  value: number | null;
  lo: number | null;
  hi: number | null;
  n: number;
  /** Null where they are not counted. */
  positives: number | null;
  at: string | null;
  reason: string;
  changedBy: string;
  changedAt: string;
  etag: number;
};
export type KpiVersionView = {
  version: number;
  contract: Contract;
  direction: ChangeDirection;
  reason: string;
  createdBy: string;
  createdAt: string;
};
