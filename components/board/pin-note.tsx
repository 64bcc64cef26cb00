'use client';

import { X } from 'lucide-react';
import { Button } from '../ui/button.tsx';
import { usePin } from './pin.ts';

/** What the pin means for what is shown, in words for everybody. */
function words({ pinned, day }: Pick<ReturnType<typeof usePin>, 'pinned' | 'day'>): string {
  switch (pinned?.state) {
    case undefined:
      return '';
    case 'window':
      return `Charts show ${day}`;
    case 'empty':
      return `Charts show ${day}: no data`;
    case 'outside':
      return `${day} is outside this period: showing the newest`;
  }
}

/** Says which moment is pinned, and leads back to the newest. */
export function PinNote() {
  const pin = usePin();
  if (!pin.pinned) return null;
  const said = words(pin);
  return (
    <span className="flex min-w-0 flex-1 basis-40 items-center gap-1 text-xs max-md:basis-full">
      <span
        className="truncate font-semibold"
        title={`${said}, with its inputs, segments and drivers. Goals and decisions are as of now.`}
      >
        {said}
      </span>
      <Button
        kind="quiet"
        aria-label="Back to the newest"
        title="Back to the newest (Esc)"
        onClick={() => pin.to(null)}
        className="shrink-0 px-1! text-xs"
      >
        <X aria-hidden size={13} />
        <span className="md:max-xl:hidden">Back to the newest</span>
      </Button>
    </span>
  );
}

/** The same for those who listen; there before anything is pinned, or the first pin would not be heard. */
export function PinHeard() {
  const said = words(usePin());
  return (
    <p aria-live="polite" className="sr-only">
      {said && `${said}. Escape goes back to the newest.`}
    </p>
  );
}
