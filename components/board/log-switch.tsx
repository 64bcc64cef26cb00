'use client';

import { spansDecades } from '../charts/kernel.ts';
import { useBoard } from './context.tsx';
import type { LogChart } from './selection.ts';

/** Whether a chart is drawn on a logarithmic axis: only where that shows more, and where the address asks for it. */
export function useLog(chart: LogChart, values: readonly (number | null)[]) {
  const { selection } = useBoard();
  const offered = spansDecades(values);
  return { offered, on: offered && selection.log.includes(chart) };
}

/** Offered only where the values span more than two decades; the choice is in the address. */
export function LogSwitch({ chart, log }: { chart: LogChart; log: { offered: boolean; on: boolean } }) {
  const { selection, select } = useBoard();
  if (!log.offered) return null;
  const others = selection.log.filter((held) => held !== chart);
  return (
    <button
      type="button"
      aria-pressed={log.on}
      title="Logarithmic axis: the same distance for the same factor"
      onClick={() => void select({ log: log.on ? others : [...others, chart] })}
      className="min-h-6 rounded-md border border-control px-1.5 text-xs hover:bg-raised aria-pressed:bg-ink aria-pressed:text-panel"
    >
      Log
    </button>
  );
}
