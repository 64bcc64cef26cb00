'use client';

import { useQuery } from '@tanstack/react-query';
import { Pin } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { boardQuery } from '../../lib/board/client.ts';
import { type Keeping, keeping, keptBy } from '../../lib/board/rules/period.ts';
import { Button } from '../ui/button.tsx';
import { BoardContext, useBoard, usePanel, useWords } from './context.tsx';
import { boardSelection, type Select } from './selection.ts';

/**
 * A panel that may keep a period of its own while the rest of the page looks elsewhere. What is drawn in it reads its period and
 * its figures as everywhere else, and a step closer in it is a step of its own period.
 */
export function Keeper({ part, children }: { part: Keeping; children: ReactNode }) {
  const page = usePanel();
  const { selection, select } = page;
  const kept = keptBy(selection.keep, part);
  const own = kept !== null && kept !== selection.w;
  const query = useQuery({
    ...boardQuery(boardSelection({ ...selection, w: kept ?? selection.w })),
    enabled: own,
    // A panel that follows the page is drawn when the page is, and not for what is read besides.
    ...(own ? {} : { notifyOnChangeProps: [] }),
  });
  const panel = own ? (query.data?.model ?? null) : page.panel;
  const value = useMemo(() => {
    if (kept === null) return { ...page, keeper: { part, kept: false } };
    const choose: Select = (values, options) => {
      if (!values || typeof values === 'function' || !values.w) return select(values, options);
      const { w, ...rest } = values;
      return select({ ...rest, keep: keeping(selection.keep, part, w) }, options);
    };
    return { ...page, panel, selection: { ...selection, w: kept }, select: choose, keeper: { part, kept: true } };
  }, [page, panel, part, kept, select, selection]);
  return <BoardContext value={value}>{panel ? children : <Absent failed={query.error} />}</BoardContext>;
}

/** The panel's own period is read after the page: only an address that holds one begins here. */
function Absent({ failed }: { failed: Error | null }) {
  return (
    <figure className="flex min-h-32 items-start justify-between gap-2 rounded-lg border border-line bg-panel px-3 py-2">
      <figcaption role="status" className="text-muted">
        {failed ? failed.message : 'Reading the period this chart keeps…'}
      </figcaption>
      <KeepSwitch />
    </figure>
  );
}

/** Keeps the period that is shown on this one panel, says so, and lets it follow the page again. */
export function KeepSwitch() {
  const { keeper, panel, selection, select } = useBoard();
  const words = useWords();
  if (!keeper) return null;
  const { part, kept } = keeper;
  const toggle = () => void select({ keep: keeping(selection.keep, part, kept ? null : selection.w) });
  const span = panel ? `${words.day(panel.from)} to ${words.day(panel.to)}` : selection.w;
  return (
    <Button
      kind={kept ? 'plain' : 'quiet'}
      data-kept={kept ? part : undefined}
      aria-pressed={kept}
      aria-label={kept ? `Keeps ${span}` : 'Keep this period on this chart'}
      title={
        kept
          ? 'This chart keeps its own period. Press to follow the page again.'
          : 'Keep this period on this chart while the page looks elsewhere'
      }
      onClick={toggle}
      className={kept ? 'px-1.5! text-xs' : 'px-1! text-xs'}
    >
      <Pin aria-hidden size={13} />
      {kept && <span>{span}</span>}
    </Button>
  );
}
