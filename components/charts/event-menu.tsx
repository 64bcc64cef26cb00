'use client';

import { DropdownMenu } from 'radix-ui';
import type { BoardEvent } from '../../lib/board/schema.ts';
import type { TriggerProps } from '../ui/late-menu.tsx';

/** What happened at one place of the axis, in order; choosing one pins its moment. */
export function EventMenu({
  events,
  format,
  onPin,
  trigger,
}: {
  events: readonly BoardEvent[];
  format: (at: string) => string;
  onPin: (at: string) => void;
  trigger: TriggerProps;
}) {
  return (
    <DropdownMenu.Root defaultOpen>
      <DropdownMenu.Trigger {...trigger} />
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="z-50 max-w-sm rounded-md border border-control bg-panel p-1 text-ink shadow-lg">
          {events.map((event) => (
            <DropdownMenu.Item
              key={`${event.at}${event.label}`}
              onSelect={() => onPin(event.at)}
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
}
