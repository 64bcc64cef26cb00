'use client';

import { Tabs } from 'radix-ui';
import { usePanel, useWords } from '../board/context.tsx';
import { usePin } from '../board/pin.ts';
import { Modal } from '../ui/modal.tsx';
import { Drivers } from './drivers.tsx';
import { Fairness } from './fairness.tsx';
import { SegmentTable } from './segment-table.tsx';

const PARTS = [
  { value: 'segments', word: 'Segments', Content: SegmentTable },
  { value: 'drivers', word: 'Drivers', Content: Drivers },
  { value: 'fairness', word: 'Fairness', Content: Fairness },
] as const;

/** Who is affected, what drives it, and whether a group fares worse: three looks at the same rows. */
export function SegmentsDialog({ first }: { first: 'segments' | 'drivers' }) {
  const { panel, open } = usePanel();
  const words = useWords();
  const { pinned, day } = usePin();
  return (
    <Modal
      open
      title="Segments and drivers"
      about={
        pinned?.window
          ? `${day}, the pinned moment, held against the reference.`
          : `${words.day(panel.from)} to ${words.day(panel.to)}, held against the reference.`
      }
      onClose={() => open(null)}
      wide
    >
      <Tabs.Root defaultValue={first} className="flex flex-col gap-3">
        <Tabs.List aria-label="Look at" className="flex shrink-0 border-b border-line">
          {PARTS.map(({ value, word }) => (
            <Tabs.Trigger
              key={value}
              value={value}
              className="tap min-h-9 flex-1 border-b-2 border-transparent px-1 -outline-offset-2 data-[state=active]:border-live data-[state=active]:font-semibold"
            >
              {word}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {PARTS.map(({ value, Content }) => (
          <Tabs.Content key={value} value={value} className="flex min-h-40 min-w-0 flex-col gap-3 -outline-offset-2">
            <Content />
          </Tabs.Content>
        ))}
      </Tabs.Root>
    </Modal>
  );
}
