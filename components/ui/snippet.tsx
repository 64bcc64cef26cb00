'use client';

import { toast } from 'sonner';
import { Button } from './button.tsx';

export async function copyText(text: string, said = 'Copied.'): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast.success(said);
  } catch {
    // Without a secure context there is no clipboard; the text stays selectable in place.
    toast(text, { description: 'This browser does not let a page copy. Select the text instead.' });
  }
}

export function Snippet({ label, code }: { label: string; code: string }) {
  return (
    <figure aria-label={label} className="min-w-0 rounded-md border border-line bg-ground">
      <figcaption className="flex items-center justify-between gap-2 border-b border-line py-1 pr-1 pl-2 text-xs font-medium text-muted">
        {label}
        <Button kind="quiet" onClick={() => void copyText(code)} aria-label={`Copy: ${label}`}>
          Copy
        </Button>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard */}
      <pre tabIndex={0} className="overflow-x-auto p-2 font-mono text-[11.5px] leading-4">
        <code>{code}</code>
      </pre>
    </figure>
  );
}
