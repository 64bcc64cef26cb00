import type { Actor, Role } from '../access/schema.ts';
import { type FieldError, fieldErrors } from '../base/field-errors.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { MetricPoint } from '../drift/schema.ts';
import { MIN_LABELS, MIN_POSITIVES } from '../measurements/rules.ts';
import {
  type ChangeDirection,
  type Contract,
  contract,
  type Direction,
  type EvaluatedPoint,
  type KpiKind,
  type LimitState,
  type Transition,
} from './schema.ts';

type Limits = Pick<Contract, 'direction' | 'limits' | 'minSamples' | 'rule'>;

/** True when `value` lies strictly on the bad side of `limit`: a value that equals its limit keeps it. */
export const beyond = (direction: Direction, value: number, limit: number): boolean =>
  direction === 'higher_is_better' ? value < limit : value > limit;

/** Enough rows, and enough positives where they are counted, to say anything. */
export function judgeable(point: MetricPoint, limits: Limits): boolean {
  const enoughPositives = point.positives === null || point.positives >= limits.minSamples.positives;
  return point.value !== null && point.n >= limits.minSamples.events && enoughPositives;
}

/**
 * What a figure proves about a limit: `met` when its whole 95% interval keeps the limit, `missed` when the whole interval is beyond it,
 * `at_risk` when the limit lies inside. Without an interval the value speaks alone. An estimate never proves that a limit is met: it
 * assumes what only labels can show.
 * @param minimum labels, and positives where they are counted, below which nothing is said
 */
export function limitState(
  point: Pick<MetricPoint, 'value' | 'lo' | 'hi' | 'n' | 'positives'>,
  direction: Direction,
  limit: number,
  { estimated = false, minimum = { events: MIN_LABELS, positives: MIN_POSITIVES } } = {},
): LimitState {
  const enoughPositives = point.positives === null || point.positives >= minimum.positives;
  if (point.value === null || point.n < minimum.events || !enoughPositives) return 'too_few_labels';
  const ends = [point.lo ?? point.value, point.hi ?? point.value].map((end) => beyond(direction, end, limit));
  if (ends.every(Boolean)) return 'missed';
  return ends.some(Boolean) || estimated ? 'at_risk' : 'met';
}

/** Over the limit: the value itself, or with an interval rule the whole 95 % interval. */
function isOver(point: MetricPoint, { direction, limits, rule }: Limits): boolean {
  if (point.value === null) return false;
  const surest = rule.type === 'interval' ? (direction === 'higher_is_better' ? point.hi : point.lo) : point.value;
  return beyond(direction, surest ?? point.value, limits.breach);
}

/**
 * The one evaluator, for live alerting, preview and gates: points in time order in, a state for each and the transitions
 * out. An alert starts when k of the last m judged points are over the limit and ends after `clearFor` judged points in
 * a row on the good side of `clearAt`. A point that cannot be judged is `no_data`: it neither starts nor ends anything.
 */
export function evaluate(
  series: readonly MetricPoint[],
  limits: Limits,
): { points: EvaluatedPoint[]; transitions: Transition[] } {
  const { direction, rule } = limits;
  const clearAt = rule.clearAt ?? limits.limits.watch ?? limits.limits.breach;
  const recent: boolean[] = [];
  const transitions: Transition[] = [];
  let alerting = false;
  let good = 0;
  const points = series.map((point): EvaluatedPoint => {
    if (!judgeable(point, limits) || point.value === null) return { ...point, state: 'no_data' };
    const over = isOver(point, limits);
    recent.push(over);
    if (recent.length > rule.m) recent.shift();
    good = beyond(direction, point.value, clearAt) || over ? 0 : good + 1;
    if (!alerting && over && recent.filter(Boolean).length >= rule.k) {
      alerting = true;
      transitions.push({ at: point.at, to: 'alert', value: point.value });
    } else if (alerting && good >= rule.clearFor) {
      alerting = false;
      recent.length = 0;
      transitions.push({ at: point.at, to: 'clear', value: point.value });
    }
    if (alerting) return { ...point, state: 'breach' };
    if (over) return { ...point, state: 'pending' };
    const watched = limits.limits.watch !== undefined && beyond(direction, point.value, limits.limits.watch);
    return { ...point, state: watched ? 'watch' : 'ok' };
  });
  return { points, transitions };
}

/** What each parameter's change does to how easily the rule fires; -1 looser, 1 tighter. */
function strictnessChanges(before: Contract, after: Contract): number[] {
  const inward = after.direction === 'higher_is_better' ? 1 : -1;
  const limitMove = (from: number | undefined, to: number | undefined): number => {
    if (from === to) return 0;
    if (from === undefined) return 1;
    if (to === undefined) return -1;
    return Math.sign(inward * (to - from));
  };
  return [
    limitMove(before.limits.breach, after.limits.breach),
    limitMove(before.limits.watch, after.limits.watch),
    limitMove(before.rule.clearAt ?? before.limits.watch, after.rule.clearAt ?? after.limits.watch),
    Math.sign(before.rule.k - after.rule.k),
    Math.sign(after.rule.m - before.rule.m),
    Math.sign(before.window - after.window),
    Math.sign(before.minSamples.events - after.minSamples.events),
    Math.sign(before.minSamples.positives - after.minSamples.positives),
    Math.sign(after.rule.clearFor - before.rule.clearFor),
    before.rule.type === after.rule.type ? 0 : after.rule.type === 'interval' ? -1 : 1,
  ];
}

/** Looser, tighter or both, from the parameters alone: a limit that never mattered in the past would look neutral there. */
export function changeDirection(before: Contract, after: Contract): ChangeDirection {
  if (before.direction !== after.direction || before.metric !== after.metric) return 'mixed';
  const moves = strictnessChanges(before, after);
  const looser = moves.includes(-1);
  const tighter = moves.includes(1);
  if (looser && tighter) return 'mixed';
  return looser ? 'loosening' : tighter ? 'tightening' : 'neutral';
}

/** Whose limits these are; an administrator may set any. */
const SETTERS = {
  business_kpi: ['product'],
  model_metric: ['data', 'product'],
  guardrail: ['product', 'data', 'ops'],
  data_quality: ['data', 'ops'],
} as const satisfies Record<KpiKind, readonly Role[]>;

export function maySetGoal(
  actor: Pick<Actor, 'roles'>,
  kind: KpiKind,
): Result<void, { kind: 'forbidden'; code: 'goal_of_others'; message: string }> {
  const setters: readonly Role[] = SETTERS[kind];
  if (actor.roles.includes('admin') || setters.some((role) => actor.roles.includes(role))) return ok(undefined);
  return err({
    kind: 'forbidden',
    code: 'goal_of_others',
    message: `This kind of goal is set by ${setters.join(' or ')}.`,
  });
}

type ContractFault = { kind: 'malformed' | 'refused'; code: string; message: string; errors: FieldError[] };

/**
 * Reads a contract. An unknown field makes the document malformed; a limit without what gives it meaning, or in the
 * wrong order, is well-formed and refused. Either way every field at fault is named.
 */
export function readContract(given: unknown): Result<Contract, ContractFault> {
  const parsed = contract.safeParse(given);
  if (parsed.success) return ok(parsed.data);
  const errors = fieldErrors(parsed.error).map((error) =>
    error.code === 'custom' ? { ...error, code: 'out_of_order' } : error,
  );
  const message = `${errors[0]?.path || 'contract'}: ${errors[0]?.message ?? 'is not valid'}`;
  const unknown = errors.some((error) => error.code === 'unknown_field');
  return err({
    kind: unknown ? 'malformed' : 'refused',
    code: unknown ? 'invalid_input' : 'contract_incomplete',
    message,
    errors,
  });
}
