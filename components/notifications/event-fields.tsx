import { ChevronRight } from 'lucide-react';
import type { Protocol } from '../../lib/notifications/schema.ts';
import { type EventGroup, eventGroups } from './words.ts';

type Props = { kind: Protocol; chosen: ReadonlySet<string>; onChange: (chosen: ReadonlySet<string>) => void };

/** The events of a kind, group by group; what is chosen stays chosen while a group is folded. */
export function EventFields({ kind, chosen, onChange }: Props) {
  const groups = eventGroups(kind);
  const set = (names: readonly string[], isChosen: boolean) => {
    const next = new Set(chosen);
    for (const name of names) isChosen ? next.add(name) : next.delete(name);
    onChange(next);
  };
  return (
    <div className="flex flex-col rounded-md border border-line">
      {groups.map((group, i) => (
        <Group key={group.title} group={group} isOpen={i === 0} chosen={chosen} set={set} />
      ))}
    </div>
  );
}

type GroupProps = {
  group: EventGroup;
  isOpen: boolean;
  chosen: ReadonlySet<string>;
  set: (names: readonly string[], isChosen: boolean) => void;
};

function Group({ group: { title, events }, isOpen, chosen, set }: GroupProps) {
  const names = events.map(({ name }) => name);
  const n = names.filter((name) => chosen.has(name)).length;
  return (
    <details open={isOpen} className="group border-b border-line last:border-b-0">
      <summary className="flex min-h-8 cursor-pointer items-center justify-between gap-2 px-2 hover:bg-raised">
        <span className="flex items-center gap-1 font-medium">
          <ChevronRight aria-hidden size={14} className="group-open:rotate-90" />
          {title}
        </span>
        <span className="text-xs text-muted">
          {n} of {names.length}
        </span>
      </summary>
      <fieldset className="grid gap-x-3 px-2 pb-2 sm:grid-cols-2">
        <legend className="sr-only">{title}</legend>
        <label className="flex min-h-7 items-center gap-1.5 font-medium sm:col-span-2">
          <input
            type="checkbox"
            className="size-4"
            checked={n === names.length}
            onChange={(event) => set(names, event.target.checked)}
          />
          All of them
        </label>
        {events.map(({ name, words }) => (
          <label key={name} className="flex min-h-7 min-w-0 items-center gap-1.5" title={name}>
            <input
              type="checkbox"
              className="size-4 shrink-0"
              checked={chosen.has(name)}
              onChange={(event) => set([name], event.target.checked)}
            />
            <span className="first-letter:uppercase inline-block">{words}</span>
          </label>
        ))}
      </fieldset>
    </details>
  );
}
