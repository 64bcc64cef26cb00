'use client';

import type { KpiPanel } from '../../lib/board/schema.ts';
import { stateNow } from '../../lib/kpis/rules/staleness.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { FirstSteps } from '../board/first-steps.tsx';
import { number } from '../board/format.ts';
import { POINT_LOOKS, StateWord } from '../board/states.tsx';
import { Spark } from '../charts/spark.tsx';
import { focusGoal, focusMode, limitWords, orderedGoals, shownGoals } from './order.ts';

const TILES = 4;
const SPARK_PX = 40;

/** In how many windows of the period the limit was passed. */
const timesOver = ({ points }: KpiPanel): number =>
  points.filter(({ state }) => state === 'breach' || state === 'pending').length;

export function Tiles() {
  const { panel, lens, selection, select, showRail } = usePanel();
  const words = useWords();
  const mode = focusMode(panel, lens, selection);
  const ordered = orderedGoals(panel.kpis, lens);
  const focus = focusGoal(panel.kpis, lens, selection.kpi);
  // The goal on the chart always has its tile, or the two would speak of different things.
  const shown = shownGoals(ordered, focus, TILES);
  const more = ordered.length - shown.length;

  const compose = () => {
    void select({ panel: 'limits', kpi: null });
    showRail();
  };
  if (shown.length === 0 && (panel.versions.length === 0 || panel.drift.reference === null)) {
    return (
      <section aria-label="First steps" className="part-kpis shrink-0 rounded-lg border border-line bg-panel p-3">
        <FirstSteps />
      </section>
    );
  }
  if (shown.length === 0) {
    return (
      <section aria-label="Goals" className="part-kpis">
        <button
          type="button"
          onClick={compose}
          className="w-full rounded-lg border border-dashed border-control bg-panel p-3 text-left hover:bg-raised"
        >
          <span className="block font-semibold">Set the first goal</span>
          <span className="text-muted">
            Without a goal nobody is told when this model gets worse. Choose a metric, a limit and an owner.
          </span>
        </button>
      </section>
    );
  }
  return (
    <section aria-label="Goals" className="part-kpis grid shrink-0 grid-cols-2 gap-2 sm:grid-cols-4">
      {shown.map((goal) => {
        const over = timesOver(goal);
        const { unit, direction, limits, window: days } = goal.contract;
        const [value, limit = ''] = words.amounts([goal.value, limits.breach, limits.watch ?? null], unit);
        return (
          <button
            key={goal.id}
            type="button"
            aria-pressed={goal.id === focus?.id && mode === 'goal'}
            onClick={() => void select({ kpi: goal.id, on: null })}
            title={goal.sentence}
            className="flex min-h-[78px] min-w-0 flex-col rounded-lg border border-line bg-panel px-3 py-1.5 text-left hover:bg-raised aria-pressed:border-live aria-pressed:ring-1 aria-pressed:ring-live"
          >
            <span className="w-full truncate text-xs text-muted">{goal.contract.name}</span>
            <span className="flex w-full items-baseline gap-1.5">
              <span
                className="shrink-0 text-lg leading-6 font-semibold"
                data-fact={`kpi:${goal.id}:value`}
                data-value={String(goal.value)}
              >
                {value}
              </span>
              {lens === 'data' && goal.lo !== null && goal.hi !== null && (
                <span className="min-w-0 truncate text-xs text-muted" title="95 % interval">
                  {number(goal.lo)}–{number(goal.hi)}
                </span>
              )}
            </span>
            <span className="flex w-full items-center justify-between gap-1.5 text-xs">
              <span className="flex min-w-0 flex-wrap items-baseline gap-x-1.5">
                <StateWord look={POINT_LOOKS[stateNow(goal, panel.stale !== null)]} />
                {over > 0 && (
                  <span className="text-muted" title={`Over the limit in ${over} of ${goal.points.length} windows`}>
                    {over}×<span className="sr-only"> over the limit in this period</span>
                  </span>
                )}
                <span className="text-muted" data-fact={`kpi:${goal.id}:breach`} data-value={limits.breach}>
                  {limitWords(direction, limit)} · {days} d
                </span>
              </span>
              <span className="sm:max-xl:hidden">
                <Spark values={goal.points.map(({ value }) => value)} width={SPARK_PX} />
              </span>
            </span>
          </button>
        );
      })}
      {more > 0 && (
        <button
          type="button"
          onClick={compose}
          className="tap col-span-full min-h-6 justify-self-start text-xs text-muted underline"
        >
          {more} more {more === 1 ? 'goal' : 'goals'} under Limits, none worse than these
        </button>
      )}
    </section>
  );
}
