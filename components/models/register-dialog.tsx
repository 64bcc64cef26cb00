'use client';

import type { FormEvent } from 'react';
import { api } from '../../lib/board/client.ts';
import { useBoard } from '../board/context.tsx';
import { ofModel } from '../board/selection.ts';
import { useWrite } from '../board/write.ts';
import { useOrigin } from '../measurements/origin.ts';
import { mlflowSnippet } from '../measurements/snippets.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Choice, Field } from '../ui/field.tsx';
import { Modal } from '../ui/modal.tsx';
import { Snippet } from '../ui/snippet.tsx';

export const TIER_OPTIONS = [
  { value: '', label: 'Not classified yet' },
  { value: 'high', label: 'High: people or much money are harmed' },
  { value: 'medium', label: 'Medium: costly, can be repaired' },
  { value: 'low', label: 'Low: hardly noticed' },
];

export function RegisterDialog() {
  const { open, select } = useBoard();
  const { busy, problem, write, errorAt } = useWrite();
  const origin = useOrigin();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const text = (name: string) => String(fields.get(name) ?? '').trim();
    const name = text('name');
    const optional = Object.fromEntries(
      ['title', 'domain', 'tier'].flatMap((key) => (text(key) ? [[key, text(key)]] : [])),
    );
    const made = await write(() => api('POST', '/api/v1/models', { name, ...optional }), `${name} is registered.`);
    if (!made) return;
    open(null);
    void select({ ...ofModel(name), flt: null, q: null });
  };
  return (
    <Modal
      open
      onClose={() => open(null)}
      title="Register a model"
      about="A model is the thing that decides; its versions come after it."
    >
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-2">
        <Field label="Name" name="name" required maxLength={256} placeholder="churn-eu" error={errorAt('name')} />
        <Field label="Title in plain words" name="title" maxLength={200} error={errorAt('title')} />
        <div className="grid grid-cols-2 gap-2">
          <Field label="Domain" name="domain" maxLength={80} placeholder="retention" error={errorAt('domain')} />
          <Choice label="Harm if it is wrong" name="tier" options={TIER_OPTIONS} error={errorAt('tier')} />
        </div>
        <Fault problem={problem} />
        <Button type="submit" kind="primary" busy={busy}>
          Register
        </Button>
      </form>
      <Snippet label="Or from MLflow" code={mlflowSnippet(origin)} />
    </Modal>
  );
}
