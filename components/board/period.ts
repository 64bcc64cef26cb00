'use client';

import { boundsOf, type Keeping, readPeriod, USUAL, USUAL_PERIOD, writePeriod } from '../../lib/board/rules/period.ts';
import { useBoard } from './context.tsx';
import type { Select, Selection } from './selection.ts';

/** Where each step closer came from, of the page and of each panel with a period of its own, so that the way back leads there and not off the page. */
const wider = new Map<Keeping | 'page', string[]>();

/** Undoes the last step closer; from a stretch somebody else linked to, the way back is the usual period. */
export function goWider({ w }: Pick<Selection, 'w'>, select: Select, of: Keeping | 'page' = 'page'): void {
  const steps = wider.get(of) ?? [];
  let before = steps.pop();
  while (before === w) before = steps.pop();
  if (before !== undefined || readPeriod(w)?.kind === 'between')
    void select({ w: before ?? USUAL }, { history: 'push' });
}

/** The period of the page, which is one for all panels that keep none of their own: it is in the address, and every step closer is one step of history. */
export function usePeriod() {
  const { board, selection, select, keeper } = useBoard();
  const of = keeper?.kept ? keeper.part : 'page';
  const period = readPeriod(selection.w) ?? USUAL_PERIOD;
  return {
    preset: period.kind === 'last' ? period.preset : null,
    bounds: boundsOf(period, new Date(board.now)),
    /** `replace` for a step of the arrow keys, of which there are many. */
    to: (from: Date, to: Date, history: 'push' | 'replace' = 'push') => {
      if (history === 'push') wider.set(of, [...(wider.get(of) ?? []), selection.w]);
      void select({ w: writePeriod(from, to) }, { history });
    },
    back: () => goWider(selection, select, of),
  };
}
