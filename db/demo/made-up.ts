import type { Tier } from '../../lib/models/schema.ts';
import type { Random } from './random.ts';

/** A made-up input: a value for a row of the day `day` (negative: days before today; reference rows have no drift). */
export type Feature = {
  name: string;
  weight: number;
  center: number;
  scale: number;
  draw: (random: Random, day: number | null) => number | string;
};

export type Goal = { by: 'product' | 'data' | 'ops'; contract: Record<string, unknown>; reason: string };

export type DemoModel = {
  name: string;
  title: string;
  description: string;
  domain: string;
  tier: Tier;
  useCase: string;
  /** Rows a day; at weekends a third of it. */
  perDay: number;
  /** Share of positives, or the mean outcome of a regression. */
  base: number;
  task: 'binary' | 'regression';
  /** Days before today at which the feed stopped. */
  silentFor: number;
  /** How many of a hundred outcomes follow something the model never saw, on a day. */
  broken: (day: number) => number;
  /** For how many days the second version answered the same rows unseen, and how strong a signal it has besides. */
  shadow?: { days: number; strength: number };
  features: Feature[];
  goals: Goal[];
  metrics: Record<string, number>[];
};

export const amount = (
  name: string,
  weight: number,
  center: number,
  scale: number,
  drift: (day: number) => number = () => 0,
): Feature => ({
  name,
  weight,
  center,
  scale,
  draw: (random, day) =>
    Number(Math.max(0, random.normal(center + (day === null ? 0 : drift(day)) * scale, scale)).toFixed(2)),
});
export const choice = (
  name: string,
  shares: [string, number][],
  drift?: (day: number) => [string, number][] | null,
): Feature => ({
  name,
  weight: 0,
  center: 0,
  scale: 1,
  draw: (random, day) => random.pick((day === null ? null : drift?.(day)) ?? shares),
});
/** Nothing until `from` days before today, then rising to `top` today. */
export const ramp = (from: number, top: number) => (day: number) => (day < -from ? 0 : (top * (day + from)) / from);
export const steady = () => 0;

export const goal = (by: Goal['by'], contract: Record<string, unknown>, reason: string): Goal => ({
  by,
  contract,
  reason,
});
export const owners = { product: 'product@demo.local', data: 'data@demo.local', ops: 'ops@demo.local' };
export const higher = (
  name: string,
  metric: string,
  kind: string,
  target: number,
  watch: number,
  breach: number,
  question: string,
) => ({
  name,
  metric,
  kind,
  question,
  unit: 'share',
  direction: 'higher_is_better',
  target,
  limits: { watch, breach },
  window: '7d',
  minSamples: { events: 200, positives: 20 },
  rule: { type: 'k_of_m', k: 3, m: 5, clearFor: 3 },
  owner: kind === 'model_metric' ? owners.data : owners.product,
});
export const shift = (name: string, metric: string) => ({
  name,
  metric,
  kind: 'data_quality',
  question: 'Do today’s cases still look like those the model learned from?',
  unit: 'PSI',
  direction: 'lower_is_better',
  target: 0.05,
  limits: { watch: 0.15, breach: 0.25 },
  window: '7d',
  minSamples: { events: 300 },
  rule: { type: 'k_of_m', k: 3, m: 5, clearFor: 3 },
  owner: owners.data,
});
export const volume = (perDay: number) => ({
  name: 'Decisions a day',
  metric: 'rows',
  kind: 'data_quality',
  question: 'Do the decisions keep coming?',
  unit: 'rows',
  direction: 'higher_is_better',
  target: perDay,
  limits: { watch: Math.round(perDay * 0.25), breach: Math.round(perDay * 0.1) },
  window: '1d',
  minSamples: { events: 1 },
  rule: { type: 'k_of_m', k: 2, m: 3, clearFor: 2 },
  owner: owners.ops,
});
