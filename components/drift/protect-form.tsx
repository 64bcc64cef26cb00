'use client';

import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { REASON_MAX } from '../../lib/base/text.ts';
import { api } from '../../lib/board/client.ts';
import { ANSWERS, type Protection } from '../../lib/models/schema.ts';
import { usePanel } from '../board/context.tsx';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Area, Choice } from '../ui/field.tsx';

const ANSWER_WORDS = {
  positive: 'The model’s “yes” (its positive answer)',
  negative: 'The model’s “no” (its negative answer)',
} as const satisfies Record<(typeof ANSWERS)[number], string>;

/** Names the protected columns; who did so and why is on record and shown to everybody. */
export function ProtectForm({ protection }: { protection: Protection }) {
  const { panel } = usePanel();
  const queries = useQueryClient();
  const { busy, problem, write, errorAt } = useWrite();
  const [open, setOpen] = useState(false);
  const outputs = new Set(['score', 'prediction']);
  const known = panel.drift.features.filter(({ role }) => !outputs.has(role)).map(({ name }) => name);
  const names = [...new Set([...known.sort(), ...protection.columns.map(({ column }) => column)])];
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const base = (column: string) => protection.columns.find((held) => held.column === column)?.base ?? null;
    const body = {
      columns: fields.getAll('column').map((column) => ({ column, base: base(String(column)) })),
      favourable: fields.get('favourable'),
      reason: fields.get('reason'),
    };
    const path = `/api/v1/models/${encodeURIComponent(panel.model.name)}`;
    const saved = await write(() => api('PUT', `${path}/protected`, body), 'Named, and on record.');
    if (!saved) return;
    await queries.invalidateQueries({ queryKey: ['fairness', panel.model.name] });
    await queries.invalidateQueries({ queryKey: ['protection', panel.model.name] });
  };
  if (!open)
    return (
      <div>
        <Button able={panel.can.nameProtected} reason="beside" onClick={() => setOpen(true)}>
          {protection.columns.length > 0 ? 'Change the protected columns' : 'Name protected columns'}
        </Button>
      </div>
    );
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-2 border-t border-line pt-3">
      <fieldset className="flex flex-wrap gap-x-4 gap-y-1">
        <legend className="text-xs font-medium text-muted">Columns by which people must not fare worse</legend>
        {names.map((name) => (
          <label key={name} className="flex min-h-6 items-center gap-2">
            <input
              type="checkbox"
              name="column"
              value={name}
              defaultChecked={protection.columns.some(({ column }) => column === name)}
              className="size-4"
            />
            {name}
          </label>
        ))}
      </fieldset>
      <Choice
        label="Which answer people hope for"
        name="favourable"
        defaultValue={protection.favourable}
        options={ANSWERS.map((value) => ({ value, label: ANSWER_WORDS[value] }))}
        error={errorAt('favourable')}
      />
      <Area label="Why" name="reason" required maxLength={REASON_MAX} error={errorAt('reason')} />
      <Fault problem={problem} />
      <div className="flex gap-2">
        <Button type="submit" kind="primary" busy={busy}>
          Save
        </Button>
        <Button onClick={() => setOpen(false)}>Cancel</Button>
      </div>
    </form>
  );
}
