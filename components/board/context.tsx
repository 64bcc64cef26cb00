'use client';

import { createContext, useContext, useMemo } from 'react';
import { GLOSSARY, type Lens, metricWords, type Term } from '../../lib/board/glossary.ts';
import type { Keeping } from '../../lib/board/rules/period.ts';
import type { BoardView, ModelPanel } from '../../lib/board/schema.ts';
import { amount, amounts, clock, date, day, days, local, moment, span, stretch, tick } from './format.ts';
import type { Select, Selection } from './selection.ts';

export type Overlay =
  | 'help'
  | 'menu'
  | 'register'
  | 'version'
  | 'model'
  | 'password'
  | 'tokens'
  | 'people'
  | 'rollback'
  | 'segments'
  | 'drivers'
  | 'contract'
  | 'versions'
  | 'import'
  | 'webhooks'
  | null;

type BoardContext = {
  board: BoardView;
  panel: ModelPanel | null;
  lens: Lens;
  selection: Selection;
  select: Select;
  /** Reads the board again: after every write, and when the server says that something changed. */
  refresh: () => Promise<void>;
  live: { connected: boolean; since: string | null };
  overlay: Overlay;
  open: (overlay: Overlay) => void;
  /** The panel this is read in, where it may keep a period of its own: its panel and selection are then those of that period. */
  keeper: { part: Keeping; kept: boolean } | null;
  showRail: () => void;
  /** Leads from the rail to a chart, wherever it is: below the fold, or on another tab of the phone. */
  showCharts: (part: 'performance') => void;
};

export const BoardContext = createContext<BoardContext | null>(null);

export function useBoard(): BoardContext {
  const context = useContext(BoardContext);
  if (!context) throw new Error('useBoard outside the board');
  return context;
}

/** For the parts that are drawn only when a model is there. */
export function usePanel(): BoardContext & { panel: ModelPanel } {
  const context = useBoard();
  if (!context.panel) throw new Error('usePanel without a model');
  return { ...context, panel: context.panel };
}

export const term = (key: Term, lens: Lens): string => GLOSSARY[key][lens];
export const otherNames = (key: Term, lens: Lens): string => {
  const names = new Set(Object.values(GLOSSARY[key]));
  names.delete(GLOSSARY[key][lens]);
  return names.size === 0 ? '' : `Also called: ${[...names].join(', ')}`;
};

type Window = { start: string; end: string };

/** Words for times and values, in this lens and in the workspace's zone or the one somebody chose to read in. */
export function useWords() {
  const { board, lens, selection } = useBoard();
  const zone = selection.tz ?? board.workspace.timezone;
  const { now } = board;
  // The same functions as long as they say the same: what is drawn with them need not be drawn anew.
  return useMemo(
    () => ({
      zone,
      day: (at: string | Date) => day(at, zone),
      clock: (at: string | Date) => clock(at, zone),
      date: (at: string | Date) => date(at, zone),
      moment: (at: string | Date) => moment(at, zone),
      days: (bounds: { from: Date; to: Date }) => days(bounds, now, zone),
      tick: (at: Date, apart: number) => tick(at, apart, zone),
      stretch: (window: Window) => stretch(window, zone),
      /** A window with its year, and an instant by the clock: for tables and files, under the zone's name. */
      dated: (window: Window) => stretch(window, zone, true),
      local: (at: string) => local(at, zone),
      ago: (at: string) => {
        const since = span(at, now);
        return since === 'a moment' ? 'just now' : `${since} ago`;
      },
      span: (from: string, to: string) => span(from, to),
      amount: (value: number | null, unit: string) => amount(value, unit, lens),
      amounts: (figures: readonly (number | null)[], unit: string) => amounts(figures, unit, lens),
      metric: (name: string) => metricWords(name, lens),
      term: (key: Term) => term(key, lens),
      others: (key: Term) => otherNames(key, lens),
    }),
    [zone, lens, now],
  );
}

export function Ago({ at }: { at: string }) {
  const words = useWords();
  return (
    <time dateTime={at} title={`${words.moment(at)} ${words.zone}`}>
      {words.ago(at)}
    </time>
  );
}
