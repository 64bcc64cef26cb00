'use client';

import { useState } from 'react';
import { neighbourAt } from '../../lib/board/rules/moment.ts';
import type { BoardEvent } from '../../lib/board/schema.ts';
import { patiently } from '../board/patiently.ts';
import { lateMenu } from '../ui/late-menu.tsx';
import { setCursor } from './cursor.ts';
import { useEventSteps } from './event-steps.ts';
import { clusters, type Margin, round, timeScale } from './kernel.ts';
import { useWidth } from './size.ts';

const EventMenu = lateMenu(() => patiently(() => import('./event-menu.tsx')).then((m) => m.EventMenu));

const LETTERS = {
  deploy: 'D',
  rollback: 'B',
  limit: 'L',
  incident: 'A',
  request: 'R',
  version: 'V',
  reference: 'F',
  comment: 'N',
} as const satisfies Record<BoardEvent['kind'], string>;

const MARGIN: Margin = { top: 0, right: 8, bottom: 0, left: 46 };

type Props = {
  events: BoardEvent[];
  from: string;
  to: string;
  format: (at: string) => string;
  /** Shows all panels at the moment of an event. */
  onPin: (at: string) => void;
};

/**
 * What happened, on the same time axis: labels on the plot would collide, so they have a lane of their own. One tab stop; the
 * keys E and Shift E go from event to event, also inside a cluster.
 */
export function EventLane({ events, from, to, format, onPin }: Props) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [at, setAt] = useState<BoardEvent | null>(null);
  const x = timeScale(from, to, width, MARGIN);
  const inside = events.filter((event) => event.at >= from && event.at <= to);
  const drawn = clusters(inside, x);
  const ordered = drawn.flatMap((cluster) => cluster.events);
  const held = at && ordered.find((event) => event.at === at.at && event.label === at.label);
  const stop = Math.max(
    0,
    drawn.findIndex((cluster) => held && cluster.events.includes(held)),
  );
  const leave = () => {
    setAt(null);
    setCursor(null);
  };
  useEventSteps((by) => {
    const next = neighbourAt(ordered, held ?? null, by) ?? held ?? null;
    setAt(next);
    if (!next) return;
    setCursor(Date.parse(next.at));
    const place = drawn.findIndex((cluster) => cluster.events.includes(next));
    box.current?.querySelector<HTMLElement>(`[data-cluster="${place}"]`)?.focus();
  });
  const said = held
    ? `${format(held.at)}: ${held.label} (${ordered.indexOf(held) + 1} of ${ordered.length})`
    : ordered.length === 0
      ? 'No events in this period'
      : '';
  return (
    <div className="relative">
      {/* biome-ignore lint/a11y/useSemanticElements: buttons on a time axis are no form */}
      <div
        ref={box}
        className="relative h-6 overflow-hidden"
        role="group"
        aria-label="Events in this period"
        onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && leave()}
      >
        <span aria-hidden className="absolute top-1 left-0 text-[11px] text-muted">
          {inside.length > 0 ? 'events' : ''}
        </span>
        {inside.map((event) => (
          <Lasting key={`${event.at}${event.label}`} event={event} x={(moment) => round(x(new Date(moment)))} to={to} />
        ))}
        {drawn.map((cluster, i) => {
          const first = cluster.events[0];
          if (!first) return null;
          const label =
            cluster.events.length === 1
              ? `${format(first.at)}: ${first.label}`
              : `${cluster.events.length} events from ${format(first.at)}`;
          const current = held !== null && held !== undefined && cluster.events.includes(held);
          return (
            <EventMenu
              key={`${first.at}${first.label}`}
              events={cluster.events}
              format={format}
              onPin={onPin}
              trigger={{
                'aria-label': label,
                title: label,
                tabIndex: i === stop ? 0 : -1,
                ...{ 'data-cluster': i },
                style: { left: Math.max(0, Math.min(width - 24, cluster.x - 12)) },
                className: `absolute top-0 size-6 rounded-md border bg-panel text-[11px] font-semibold hover:bg-raised ${current ? 'border-ink bg-raised' : 'border-control'}`,
                children: cluster.events.length === 1 ? LETTERS[first.kind] : cluster.events.length,
              }}
            />
          );
        })}
      </div>
      {held && (
        <p className="pointer-events-none absolute right-2 bottom-full z-10 max-w-[85%] rounded-sm border border-control bg-panel px-1.5 text-xs">
          {said}
        </p>
      )}
      <p aria-live="polite" className="sr-only">
        {held ? said : ''}
      </p>
    </div>
  );
}

/** How long an incident lasted, as a bar under the buttons; to the end of the axis while it still does. */
function Lasting({ event, x, to }: { event: BoardEvent; x: (at: string) => number; to: string }) {
  if (event.until === undefined) return null;
  const end = event.until === null || event.until > to ? to : event.until;
  const left = x(event.at);
  return (
    <span
      aria-hidden
      data-lasting
      className="absolute bottom-0 h-1 rounded-full bg-breach opacity-60"
      style={{ left, width: Math.max(2, x(end) - left) }}
    />
  );
}
