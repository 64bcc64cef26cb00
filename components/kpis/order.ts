import type { Lens } from '../../lib/board/glossary.ts';
import type { KpiPanel, ModelPanel } from '../../lib/board/schema.ts';
import { WORST_FIRST } from '../../lib/kpis/rules/severity.ts';
import type { KpiKind } from '../../lib/kpis/schema.ts';
import type { Focus, Selection } from '../board/selection.ts';

/** Whose question comes first; the goals and their values are the same for everybody. */
const ORDER = {
  product: ['business_kpi', 'model_metric', 'guardrail', 'data_quality'],
  data: ['model_metric', 'data_quality', 'business_kpi', 'guardrail'],
  ops: ['guardrail', 'data_quality', 'model_metric', 'business_kpi'],
} as const satisfies Record<Lens, readonly KpiKind[]>;

export function orderedGoals(goals: readonly KpiPanel[], lens: Lens): KpiPanel[] {
  const order: readonly KpiKind[] = ORDER[lens];
  return [...goals].sort((a, b) => order.indexOf(a.contract.kind) - order.indexOf(b.contract.kind));
}

/** The goals for which there is room, in their usual order: first the one on the chart, then whatever is in most trouble. */
export function shownGoals(ordered: readonly KpiPanel[], focus: KpiPanel | null, room: number): KpiPanel[] {
  const rank = (goal: KpiPanel) => (goal === focus ? -1 : WORST_FIRST.indexOf(goal.state));
  const kept = new Set([...ordered].sort((a, b) => rank(a) - rank(b)).slice(0, room));
  return ordered.filter((goal) => kept.has(goal));
}

/** The goal the focus chart shows: the one asked for, else the first that is in trouble, else the first. */
export function focusGoal(goals: readonly KpiPanel[], lens: Lens, asked: string | null): KpiPanel | null {
  const ordered = orderedGoals(goals, lens);
  return (
    ordered.find((goal) => goal.id === asked) ?? ordered.find((goal) => goal.state === 'breach') ?? ordered[0] ?? null
  );
}

export const limitWords = (direction: KpiPanel['contract']['direction'], said: string): string =>
  `${direction === 'higher_is_better' ? '≥' : '≤'} ${said}`;

/** What the large chart shows: what was asked for; else for data the drift of the worst input, for the others a goal. */
export function focusMode(panel: ModelPanel, lens: Lens, asked: Pick<Selection, 'on' | 'kpi'>): Focus {
  if (asked.on !== null) return asked.on;
  const goals = panel.kpis.length > 0;
  const ready = panel.drift.state === 'ready';
  return (goals && (asked.kpi !== null || lens !== 'data')) || !ready ? 'goal' : 'drift';
}
