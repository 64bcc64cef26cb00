'use client';

import { HelpCircle, PanelRight, Search } from 'lucide-react';
import { LENSES } from '../../lib/board/glossary.ts';
import { UserMenu } from '../access/user-menu.tsx';
import { Button } from '../ui/button.tsx';
import { useBoard, useWords } from './context.tsx';
import { usePeriod } from './period.ts';
import { WINDOWS } from './selection.ts';

const WINDOW_WORDS = {
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  '90d': 'Last 90 days',
  '365d': 'Last 365 days',
} as const satisfies Record<(typeof WINDOWS)[number], string>;
const LENS_WORDS = { product: 'Product', data: 'Data', ops: 'Ops' } as const;

export function TopBar({ onRail }: { onRail: () => void }) {
  const { board, lens, selection, select, open, showRail } = useBoard();
  const words = useWords();
  const period = usePeriod();
  return (
    <header className="region-top flex items-center gap-2 border-b border-line bg-panel px-3">
      <a
        href="#model"
        className="sr-only z-50 rounded-md bg-panel p-2 focus:not-sr-only focus:absolute focus:top-1 focus:left-1"
      >
        Skip to the model
      </a>
      <a
        href="#rail"
        className="sr-only z-50 rounded-md bg-panel p-2 focus:not-sr-only focus:absolute focus:top-1 focus:left-1"
      >
        Skip to the decision
      </a>
      <span className="flex items-center gap-2 text-[15px] font-semibold">
        <span aria-hidden className="h-4 w-1 rounded-sm bg-live" />
        <span className="not-phone">Plumbline</span>
      </span>
      <span className="not-phone truncate rounded-md border border-line px-1.5 text-xs">{board.workspace.name}</span>
      <button
        type="button"
        onClick={() => open('menu')}
        className="not-phone flex min-h-7 w-44 items-center gap-2 rounded-md border border-control px-2 text-muted hover:bg-raised"
      >
        <Search aria-hidden size={14} />
        Search or run… <kbd className="ml-auto font-sans text-xs">⌘K</kbd>
      </button>
      <fieldset
        aria-label="Words and numbers for"
        className="ml-auto flex shrink-0 overflow-hidden rounded-md border border-control"
      >
        {LENSES.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={lens === name}
            onClick={() => void select({ lens: name })}
            className="min-h-7 px-2 aria-pressed:bg-ink aria-pressed:text-panel"
          >
            {LENS_WORDS[name]}
          </button>
        ))}
      </fieldset>
      <select
        id="window-select"
        aria-label={`Period, in ${words.zone}`}
        value={selection.w}
        onChange={(event) => void select({ w: event.target.value })}
        className="not-phone min-h-7 rounded-md border border-control bg-panel px-1"
      >
        {period.preset === null && <option value={selection.w}>{words.days(period.bounds)}</option>}
        {WINDOWS.map((w) => (
          <option key={w} value={w}>
            {WINDOW_WORDS[w]}
          </option>
        ))}
      </select>
      <Button
        className="shrink-0 px-2"
        onClick={() => {
          void select({ panel: 'decide', flt: 'needs_me' });
          showRail();
        }}
      >
        Needs me <span className="font-bold">{board.inbox.length}</span>
      </Button>
      <Button kind="quiet" square className="only-narrow" aria-label="Decision panel" onClick={onRail}>
        <PanelRight aria-hidden size={16} />
      </Button>
      <UserMenu />
      <Button
        kind="quiet"
        square
        className="not-phone"
        aria-label="Keys and help"
        title="?"
        onClick={() => open('help')}
      >
        <HelpCircle aria-hidden size={16} />
      </Button>
    </header>
  );
}
