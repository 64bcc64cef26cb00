'use client';

import { type FormEvent, useState } from 'react';
import { api } from '../../lib/board/client.ts';
import { usePanel } from '../board/context.tsx';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Area, Choice, Field } from '../ui/field.tsx';
import { Modal } from '../ui/modal.tsx';
import { TIER_OPTIONS } from './register-dialog.tsx';

const OWNERS = ['product', 'data', 'ops'] as const;

export function EditModelDialog() {
  const { panel, open } = usePanel();
  const { busy, problem, write, errorAt } = useWrite();
  // The document as it was opened: a later change by somebody else must be refused, not overwritten.
  const [model] = useState(panel.model);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const text = (name: string) => String(fields.get(name) ?? '').trim() || null;
    const body = {
      title: text('title'),
      domain: text('domain'),
      description: text('description'),
      tier: text('tier'),
      owners: Object.fromEntries(OWNERS.map((role) => [role, text(role)])),
    };
    const saved = await write(
      () => api('PATCH', `/api/v1/models/${encodeURIComponent(model.name)}`, body, { 'if-match': `"${model.etag}"` }),
      'Saved.',
    );
    if (saved) open(null);
  };
  return (
    <Modal
      open
      onClose={() => open(null)}
      title={`About ${model.name}`}
      about="How much harm a wrong answer does decides who must agree before a version goes live."
    >
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-2">
        <Choice
          label="Harm if it is wrong"
          name="tier"
          defaultValue={model.tier ?? ''}
          options={TIER_OPTIONS}
          error={errorAt('tier')}
        />
        <div className="grid grid-cols-2 gap-2">
          <Field label="Title" name="title" defaultValue={model.title ?? ''} maxLength={200} error={errorAt('title')} />
          <Field
            label="Domain"
            name="domain"
            defaultValue={model.domain ?? ''}
            maxLength={80}
            error={errorAt('domain')}
          />
        </div>
        <Area
          label="Description"
          name="description"
          defaultValue={model.description ?? ''}
          maxLength={5000}
          error={errorAt('description')}
        />
        <div className="grid gap-2 sm:grid-cols-3">
          {OWNERS.map((role) => (
            <Field
              key={role}
              label={`Owner, ${role}`}
              name={role}
              type="email"
              defaultValue={model.owners[role] ?? ''}
              error={errorAt(`owners.${role}`)}
            />
          ))}
        </div>
        <Fault problem={problem} />
        <Button type="submit" kind="primary" busy={busy} able={panel.can.updateModel} reason="beside">
          Save
        </Button>
      </form>
    </Modal>
  );
}
