'use client';

import dynamic from 'next/dynamic';
import { Tabs } from 'radix-ui';
import { memo } from 'react';
import { DecidePanel } from '../approvals/decide-panel.tsx';
import { Inbox } from '../approvals/inbox.tsx';
import { BoardContext, useBoard } from './context.tsx';
import { patiently } from './patiently.ts';
import { PANELS, type Panel } from './selection.ts';
import { useStepBehind } from './step-behind.ts';

const loading = () => <p className="text-muted">Opening…</p>;
const LimitsPanel = dynamic(() => patiently(() => import('../kpis/limits-panel.tsx')).then((m) => m.LimitsPanel), {
  loading,
});
const ActivityPanel = dynamic(
  () => patiently(() => import('../audit/activity-panel.tsx')).then((m) => m.ActivityPanel),
  { loading },
);
const DataPanel = dynamic(() => patiently(() => import('../measurements/data-panel.tsx')).then((m) => m.DataPanel), {
  loading,
});

const WORDS = { decide: 'Decide', limits: 'Limits', activity: 'Activity', data: 'Data' } as const satisfies Record<
  Panel,
  string
>;

type Shown = ReturnType<typeof useBoard>;

export function Rail() {
  const { now, held, drawn, here } = useStepBehind();
  const { panel, selection, select } = now;
  const shown = here && !sameQuestion(now, held) ? now : held;
  return (
    <aside
      id="rail"
      aria-label="Decisions"
      data-region
      tabIndex={-1}
      className="region-rail flex min-h-0 flex-col border-l border-line bg-panel -outline-offset-2"
    >
      <Tabs.Root
        value={selection.panel}
        onValueChange={(value) => void select({ panel: PANELS.find((p) => p === value) ?? 'decide' })}
        className="flex min-h-0 flex-1 flex-col"
      >
        <Tabs.List aria-label="Decision panel" className="flex shrink-0 border-b border-line px-2">
          {PANELS.map((value) => (
            <Tabs.Trigger
              key={value}
              value={value}
              className="tap min-h-9 flex-1 border-b-2 border-transparent px-1 -outline-offset-2 data-[state=active]:border-live data-[state=active]:font-semibold"
            >
              {WORDS[value]}
              {value === 'activity' && panel && panel.comments.length > 0 && ` ${panel.comments.length}`}
              {value === 'decide' && panel && panel.incidents.length > 0 && ` ${panel.incidents.length}`}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {/* A new model is a new panel: a half-written note must not end up on another model. */}
        <Tabs.Content
          key={drawn ?? ''}
          value={selection.panel}
          className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-3 -outline-offset-2"
        >
          {!here && <p className="text-muted">Loading…</p>}
          <BoardContext value={shown}>
            <div className={here ? 'contents' : 'hidden'}>
              <Content />
            </div>
          </BoardContext>
        </Tabs.Content>
      </Tabs.Root>
    </aside>
  );
}

/** What only the charts show, such as a pinned moment, may reach the decisions a step later: they say the same. */
const sameQuestion = (now: Shown, held: Shown): boolean =>
  now.board === held.board &&
  now.overlay === held.overlay &&
  (['m', 'v', 'panel', 'req', 'kpi', 'lens'] as const).every((key) => now.selection[key] === held.selection[key]);

/** Drawn anew only when the board is. */
const Content = memo(function Content() {
  const { panel, selection } = useBoard();
  if (!panel)
    return (
      <>
        <p className="text-muted">Nothing to decide here.</p>
        <Inbox />
      </>
    );
  switch (selection.panel) {
    case 'decide':
      return <DecidePanel />;
    case 'limits':
      return <LimitsPanel />;
    case 'activity':
      return <ActivityPanel />;
    case 'data':
      return <DataPanel />;
  }
});
