'use client';

import { useBoard } from './context.tsx';

export const TABS = ['models', 'kpis', 'drift', 'decide'] as const;
export type Tab = (typeof TABS)[number];
const WORDS = { models: 'Models', kpis: 'Goals', drift: 'Drift', decide: 'Decide' } as const satisfies Record<
  Tab,
  string
>;

export function PhoneTabs({ tab, onTab }: { tab: Tab; onTab: (tab: Tab) => void }) {
  const { board } = useBoard();
  return (
    <nav aria-label="Parts of the screen" className="region-tabs border-t border-line bg-panel">
      {TABS.map((name) => (
        <button
          key={name}
          type="button"
          aria-current={tab === name ? 'page' : undefined}
          onClick={() => onTab(name)}
          className="flex-1 border-t-3 border-transparent text-sm aria-[current=page]:border-live aria-[current=page]:font-semibold"
        >
          {WORDS[name]}
          {name === 'decide' && board.inbox.length > 0 && ` ${board.inbox.length}`}
        </button>
      ))}
    </nav>
  );
}
