'use client';

import { X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { api } from '../../lib/board/client.ts';
import { CATALOG_SORTS, type SavedView, VIEW_KEYS } from '../../lib/board/schema.ts';
import { useBoard } from '../board/context.tsx';
import { FILTERS } from '../board/selection.ts';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Field } from '../ui/field.tsx';

/** The filters that a person set before, under names of their own. */
export function SavedViews() {
  const { board, selection, select } = useBoard();
  const { busy, problem, write, errorAt } = useWrite();
  const [name, setName] = useState('');
  const query = Object.fromEntries(
    VIEW_KEYS.flatMap((key) => {
      const value = selection[key];
      return value && value !== 'all' ? [[key, value]] : [];
    }),
  );
  const nothing = Object.keys(query).length === 0;
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (await write(() => api('POST', '/api/v1/views', { name, query }), 'View saved.')) setName('');
  };
  const show = ({ query: { flt, q, tier, domain, use, owner, sort } }: SavedView) =>
    void select({
      flt: FILTERS.find((held) => held === flt) ?? null,
      sort: CATALOG_SORTS.find((held) => held === sort) ?? null,
      q: q ?? null,
      tier: tier ?? null,
      domain: domain ?? null,
      use: use ?? null,
      owner: owner ?? null,
    });
  return (
    <section aria-label="Saved views" className="flex flex-col gap-1.5">
      {board.views.length > 0 && (
        <ul className="flex flex-wrap gap-1">
          {board.views.map((view) => (
            <li key={view.id} className="flex rounded-md border border-control text-xs">
              <button type="button" className="min-h-6 px-1.5 hover:bg-raised" onClick={() => show(view)}>
                {view.name}
              </button>
              <button
                type="button"
                aria-label={`Delete the view ${view.name}`}
                className="min-h-6 px-1 text-muted hover:bg-raised"
                onClick={() => void write(() => api('DELETE', `/api/v1/views/${view.id}`), 'View deleted.')}
              >
                <X aria-hidden size={12} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {!nothing && (
        <form onSubmit={(event) => void save(event)} className="grid grid-cols-2 items-end gap-1.5">
          <Field
            label="Save this view as"
            value={name}
            required
            maxLength={80}
            onChange={(event) => setName(event.target.value)}
            error={errorAt('name')}
          />
          <Button type="submit" busy={busy}>
            Save
          </Button>
        </form>
      )}
      <Fault problem={problem} />
    </section>
  );
}
