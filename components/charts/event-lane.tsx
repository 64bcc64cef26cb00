'use client';

import type { BoardEvent } from '../../lib/board/schema.ts';
import { patiently } from '../board/patiently.ts';
import { lateMenu } from '../ui/late-menu.tsx';
import { clusters, type Margin, timeScale } from './kernel.ts';
import { useWidth } from './size.ts';

const EventMenu = lateMenu(() => patiently(() => import('./event-menu.tsx')).then((m) => m.EventMenu));

const LETTERS = {
  deploy: 'D',
  rollback: 'B',
  limit: 'L',
  incident: 'A',
  request: 'R',
  version: 'V',
  comment: 'N',
} as const satisfies Record<BoardEvent['kind'], string>;

const MARGIN: Margin = { top: 0, right: 8, bottom: 0, left: 46 };

/** What happened, on the same time axis: labels on the plot would collide, so they have a lane of their own. */
export function EventLane({
  events,
  from,
  to,
  format,
}: {
  events: BoardEvent[];
  from: string;
  to: string;
  format: (at: string) => string;
}) {
  const [box, width] = useWidth<HTMLDivElement>();
  const x = timeScale(from, to, width, MARGIN);
  const inside = events.filter((event) => event.at >= from && event.at <= to);
  return (
    // biome-ignore lint/a11y/useSemanticElements: buttons on a time axis are no form
    <div ref={box} className="relative h-6 overflow-hidden" role="group" aria-label="Events in this period">
      <span aria-hidden className="absolute top-1 left-0 text-[11px] text-muted">
        {inside.length > 0 ? 'events' : ''}
      </span>
      {clusters(inside, x).map((cluster) => {
        const first = cluster.events[0];
        if (!first) return null;
        const label =
          cluster.events.length === 1 ? first.label : `${cluster.events.length} events from ${format(first.at)}`;
        return (
          <EventMenu
            key={`${first.at}${first.label}`}
            events={cluster.events}
            format={format}
            trigger={{
              'aria-label': label,
              title: label,
              style: { left: Math.max(0, Math.min(width - 24, cluster.x - 12)) },
              className:
                'absolute top-0 size-6 rounded-md border border-control bg-panel text-[11px] font-semibold hover:bg-raised',
              children: cluster.events.length === 1 ? LETTERS[first.kind] : cluster.events.length,
            }}
          />
        );
      })}
    </div>
  );
}
