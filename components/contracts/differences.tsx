import type { Difference } from '../../lib/contracts/rules/change.ts';

const SHOWN = 12;

export function Differences({ of }: { of: readonly Difference[] }) {
  return (
    <ul className="list-disc pl-4">
      {of.slice(0, SHOWN).map(({ at, before, after }) => (
        <li key={at} className="break-words">
          {at}: {before} → {after}
        </li>
      ))}
      {of.length > SHOWN && <li>and {of.length - SHOWN} more</li>}
    </ul>
  );
}
