'use client';

import { DropdownMenu } from 'radix-ui';
import type { BoardEvent } from '../../lib/board/schema.ts';
import { clusters, type Margin, timeScale } from './kernel.ts';
import { useWidth } from './size.ts';

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
          <DropdownMenu.Root key={`${first.at}${first.label}`}>
            <DropdownMenu.Trigger
              aria-label={label}
              title={label}
              style={{ left: Math.max(0, Math.min(width - 24, cluster.x - 12)) }}
              className="absolute top-0 size-6 rounded-md border border-control bg-panel text-[11px] font-semibold hover:bg-raised"
            >
              {cluster.events.length === 1 ? LETTERS[first.kind] : cluster.events.length}
            </DropdownMenu.Trigger>
            <DropdownMenu.Portal>
              <DropdownMenu.Content className="z-50 max-w-sm rounded-md border border-control bg-panel p-1 text-ink shadow-lg">
                {cluster.events.map((event) => (
                  <DropdownMenu.Item
                    key={`${event.at}${event.label}`}
                    className="rounded-sm px-2 py-1 data-highlighted:bg-raised"
                  >
                    <span className="block text-xs text-muted">{format(event.at)}</span>
                    {event.label}
                  </DropdownMenu.Item>
                ))}
              </DropdownMenu.Content>
            </DropdownMenu.Portal>
          </DropdownMenu.Root>
        );
      })}
    </div>
  );
}
