'use client';

import { useQuery } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api, importsQuery } from '../../lib/board/client.ts';
import type { ImportState, ImportView } from '../../lib/imports/schema.ts';
import { useBoard, useWords } from '../board/context.tsx';
import { count } from '../board/format.ts';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Field } from '../ui/field.tsx';
import { Modal } from '../ui/modal.tsx';

const STATE_WORDS = {
  queued: '· Waiting to start',
  running: '· Running',
  finished: '✓ Finished',
  cancelled: '○ Cancelled',
  failed: '■ Failed',
} as const satisfies Record<ImportState, string>;

const isOpen = ({ state }: ImportView): boolean => state === 'queued' || state === 'running';

function Findings({ title, rows }: { title: string; rows: readonly (readonly [string, string])[] }) {
  return (
    <details className="text-xs">
      <summary className="cursor-pointer">{title}</summary>
      <ul className="max-h-40 overflow-auto">
        {rows.map(([model, what]) => (
          <li key={`${model} ${what}`}>
            <strong>{model}</strong>: {what}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Entry({ held }: { held: ImportView }) {
  const words = useWords();
  const { busy, problem, write } = useWrite();
  const { models } = held;
  const of = models.total === null ? '' : ` of ${count(models.total)}`;
  const { conflicts, failures } = held;
  return (
    <li className="flex flex-col gap-1 border-b border-line py-2">
      <span className="break-all">
        <strong>{STATE_WORDS[held.state]}</strong> · {held.from}
      </span>
      {models.total !== null && (
        <progress
          className="w-full"
          max={Math.max(1, models.total)}
          value={models.done}
          aria-label="Models looked at"
        />
      )}
      <span className="text-xs text-muted">
        {count(models.done)}
        {of} models looked at, {count(models.created)} new, {count(held.versions.added)} versions added · by{' '}
        {held.startedBy}, {words.ago(held.startedAt)}
      </span>
      {held.error && <p className="text-breach">{held.error}</p>}
      {held.conflictCount > 0 && (
        <Findings
          title={`${count(held.conflictCount)} conflicts, left as they were here`}
          rows={conflicts.map((c) => [c.model, `${c.what}: here ${c.held}, there ${c.offered}`] as const)}
        />
      )}
      {held.failureCount > 0 && (
        <Findings
          title={`${count(held.failureCount)} models could not be read`}
          rows={failures.map((f) => [f.model, f.message] as const)}
        />
      )}
      <Fault problem={problem} />
      <span className="flex gap-2">
        {isOpen(held) && (
          <Button
            busy={busy}
            onClick={() => void write(() => api('POST', `/api/v1/imports/${held.id}/cancel`), 'Cancelled.')}
          >
            Cancel
          </Button>
        )}
        {(held.state === 'cancelled' || held.state === 'failed') && (
          <Button busy={busy} onClick={() => void write(() => api('POST', '/api/v1/imports', { from: held.from }), '')}>
            Go on
          </Button>
        )}
      </span>
    </li>
  );
}

/** Brings the registry of an MLflow server over, and shows how far it is; nothing that is here is overwritten. */
export function ImportDialog() {
  const { open } = useBoard();
  const { busy, problem, write, errorAt } = useWrite();
  const query = useQuery({
    ...importsQuery(),
    refetchInterval: ({ state }) => (state.data?.some(isOpen) ? 1000 : false),
  });
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const token = String(fields.get('token') ?? '').trim();
    const body = { from: String(fields.get('from') ?? '').trim(), ...(token ? { token } : {}) };
    if (await write(() => api('POST', '/api/v1/imports', body), '')) form.reset();
  };
  return (
    <Modal
      open
      onClose={() => open(null)}
      title="Import from an MLflow server"
      about="Models, versions with their numbers, tags, aliases, descriptions and run links. What is here already stays as it is; a second import adds only what is new."
      wide
    >
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-2">
        <Field
          label="Address of the server"
          name="from"
          type="url"
          required
          placeholder="https://mlflow.example"
          error={errorAt('from')}
        />
        <Field
          label="Token, or name:password"
          name="token"
          type="password"
          autoComplete="off"
          hint="Only if that server asks for one. It is kept sealed and never shown."
          error={errorAt('token')}
        />
        <Fault problem={problem} />
        <Button type="submit" kind="primary" busy={busy}>
          Import
        </Button>
      </form>
      {query.error && <p className="text-breach">{query.error.message}</p>}
      {query.data && query.data.length > 0 && (
        <section aria-label="Imports">
          <h3 className="font-semibold">Imports so far</h3>
          <ul aria-live="polite">
            {query.data.map((held) => (
              <Entry key={held.id} held={held} />
            ))}
          </ul>
        </section>
      )}
    </Modal>
  );
}
