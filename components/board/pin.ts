'use client';

import { windowAt, writeMoment } from '../../lib/board/rules/moment.ts';
import type { ModelPanel } from '../../lib/board/schema.ts';
import { usePanel, useWords } from './context.tsx';

type Panel = Pick<ModelPanel, 'drift' | 'from' | 'to'>;
type Window = ModelPanel['drift']['windows'][number];

/** What an address pins: a window of the period, a moment of the period without data, or one outside of it. */
export type Pinned =
  | { state: 'window'; at: string; window: Window }
  | { state: 'empty' | 'outside'; at: string; window: null };

/** A moment outside the period is kept and not shown: a period that holds it shows it again. */
export function pinnedIn({ drift, from, to }: Panel, at: string | null): Pinned | null {
  if (at === null) return null;
  const window = windowAt(drift.windows, at);
  if (window) return { state: 'window', at, window };
  const moment = Date.parse(at);
  const inside = Date.parse(from) < moment && moment <= Date.parse(to);
  return { state: inside ? 'empty' : 'outside', at, window: null };
}

/** The pinned moment of the page, which is one for all panels and in the address. */
export function usePin() {
  const { panel, selection, select } = usePanel();
  const words = useWords();
  const pinned = pinnedIn(panel, selection.at);
  const day = pinned && (pinned.window ? words.stretch(pinned.window) : words.day(pinned.at));
  return {
    pinned,
    /** The pinned window or moment in words; empty where nothing is pinned. */
    day: day ?? '',
    at: selection.at,
    /** Pins a moment; the pinned one once more, or none, lets it go. */
    to: (at: string | null) => {
      const next = at === null ? null : writeMoment(at);
      void select({ at: next === selection.at ? null : next });
    },
  };
}

/** What the panels beside the charts of time show: the pinned window where there is one, else the whole period. */
export function useShownRange(): { from: string; to: string; pinned: boolean } {
  const { panel, selection } = usePanel();
  const window = pinnedIn(panel, selection.at)?.window;
  return window
    ? { from: window.start, to: window.end, pinned: true }
    : { from: panel.from, to: panel.to, pinned: false };
}
