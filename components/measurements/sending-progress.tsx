'use client';

import { usePanel } from '../board/context.tsx';
import { bytes } from '../board/format.ts';
import { Button } from '../ui/button.tsx';
import { forgetInterrupted, type Sent, useSending } from './sending.ts';

/** Clocks of a browser and a server differ a little. */
const CLOCKS_DIFFER_MS = 2 * 60_000;

/** How much of the file that is being sent has left; of whichever model it is. */
export function SendingProgress() {
  const { panel } = usePanel();
  const { sending } = useSending();
  if (!sending) return null;
  const { name, model, sent, size, stop } = sending;
  return (
    <div className="flex flex-col gap-1 text-xs">
      <progress value={sent} max={size} aria-label={`Sent of ${name}`} className="h-2 w-full accent-live" />
      <div className="flex items-center justify-between gap-2">
        <span role="status" className="min-w-0 break-words">
          Sending {name}
          {model !== panel.model.name && ` for ${model}`}: {bytes(Math.min(sent, size))} of {bytes(size)}
        </span>
        <Button onClick={stop}>Cancel</Button>
      </div>
    </div>
  );
}

/** A page that is left stops sending: said plainly on return, unless the whole file had arrived before. */
export function Interrupted() {
  const { panel } = usePanel();
  const { interrupted } = useSending();
  const arrived = (sent: Sent) =>
    panel.batches.some(
      ({ bytes: size, kind, version, createdAt }) =>
        size === sent.size &&
        kind === sent.kind &&
        version === sent.version &&
        Date.parse(createdAt) > Date.parse(sent.at) - CLOCKS_DIFFER_MS,
    );
  if (!interrupted || interrupted.model !== panel.model.name || arrived(interrupted)) return null;
  return (
    <div role="status" className="flex items-start justify-between gap-2 rounded-md border border-watch p-2 text-xs">
      <p>
        <strong>{interrupted.name} did not arrive.</strong> The page was left or reloaded while it was being sent, and
        nothing of it was kept. Choose the file again and send it.
      </p>
      <Button kind="quiet" onClick={forgetInterrupted}>
        Dismiss
      </Button>
    </div>
  );
}
