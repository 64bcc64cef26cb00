'use client';

import { boundsOf, readPeriod, USUAL, USUAL_PERIOD, writePeriod } from '../../lib/board/rules/period.ts';
import { useBoard } from './context.tsx';
import type { Select, Selection } from './selection.ts';

/** Where each step closer came from, so that the way back leads there and not off the page. */
const wider: string[] = [];

/** Undoes the last step closer; from a stretch somebody else linked to, the way back is the usual period. */
export function goWider({ w }: Pick<Selection, 'w'>, select: Select): void {
  let before = wider.pop();
  while (before === w) before = wider.pop();
  if (before !== undefined || readPeriod(w)?.kind === 'between')
    void select({ w: before ?? USUAL }, { history: 'push' });
}

/** The period of the page, which is one for all panels: it is in the address, and every step closer is one step of history. */
export function usePeriod() {
  const { board, selection, select } = useBoard();
  const period = readPeriod(selection.w) ?? USUAL_PERIOD;
  return {
    preset: period.kind === 'last' ? period.preset : null,
    bounds: boundsOf(period, new Date(board.now)),
    /** `replace` for a step of the arrow keys, of which there are many. */
    to: (from: Date, to: Date, history: 'push' | 'replace' = 'push') => {
      if (history === 'push') wider.push(selection.w);
      void select({ w: writePeriod(from, to) }, { history });
    },
    back: () => goWider(selection, select),
  };
}
