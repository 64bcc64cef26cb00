import { useSyncExternalStore } from 'react';
import { zonesOffered } from '../../lib/board/rules/zone.ts';
import { useBoard, useWords } from './context.tsx';

const never = () => () => {};
const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The zone of every time on the screen, beside the period: the workspace's unless somebody reads in another. */
export function ZoneSelect() {
  const { board, select } = useBoard();
  const { zone } = useWords();
  // The server does not know where its reader is.
  const own = useSyncExternalStore(never, ownZone, () => null);
  const { timezone } = board.workspace;
  return (
    <select
      aria-label="Times in"
      title={`Times in ${zone}. Days are counted in ${timezone} for everybody.`}
      value={zone}
      onChange={({ target }) => void select({ tz: target.value === timezone ? null : target.value })}
      className="min-h-6 max-w-24 rounded-md border border-control bg-panel text-xs text-muted"
    >
      {zonesOffered(timezone, own, zone).map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}
