'use client';

import { focusMode } from '../kpis/order.ts';
import { usePanel } from './context.tsx';
import { KeepSwitch } from './keeper.tsx';
import { FOCUSES } from './selection.ts';

const WORDS = { goal: 'Goal', drift: 'Drift' } as const;

/** Which of the two questions the large chart answers. */
export function FocusTools() {
  const { panel, lens, selection, select } = usePanel();
  const mode = focusMode(panel, lens, selection);
  return (
    <>
      <fieldset aria-label="Chart of" className="flex overflow-hidden rounded-md border border-control text-xs">
        {FOCUSES.map((on) => (
          <button
            key={on}
            type="button"
            aria-pressed={mode === on}
            onClick={() => void select({ on })}
            className="min-h-6 px-1.5 aria-pressed:bg-ink aria-pressed:text-panel"
          >
            {WORDS[on]}
          </button>
        ))}
      </fieldset>
      <KeepSwitch />
    </>
  );
}
