'use client';

import { type FormEvent, useState } from 'react';
import { api } from '../../lib/board/client.ts';
import { PROTOCOLS, type Protocol, WEBHOOK_LIMITS, type WebhookView } from '../../lib/notifications/schema.ts';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Choice, Field } from '../ui/field.tsx';
import { EventFields } from './event-fields.tsx';
import { KINDS } from './words.ts';

type Made = WebhookView & { secret?: string };

/** A new webhook: where to, in whose form, and of what it is told. */
export function WebhookForm({ onMade, onClose }: { onMade: (made: Made) => Promise<void>; onClose: () => void }) {
  const { busy, problem, write, errorAt } = useWrite();
  const [kind, setKind] = useState<Protocol>('standard');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const text = (name: string) => String(fields.get(name) ?? '').trim();
    const body = {
      protocol: kind,
      name: text('name'),
      url: text('url'),
      events: [...chosen],
      ...(text('description') ? { description: text('description') } : {}),
      ...(text('secret') ? { secret: text('secret') } : {}),
    };
    const made = await write(() => api<Made>('POST', '/api/v1/webhooks', body), '');
    if (made) await onMade(made);
  };
  return (
    <form onSubmit={(event) => void submit(event)} aria-label="New webhook" className="flex flex-col gap-2">
      <div className="grid gap-2 sm:grid-cols-2">
        <Field
          label="Name"
          name="name"
          required
          maxLength={WEBHOOK_LIMITS.name}
          hint="Letters, digits, dots and hyphens."
          error={errorAt('name')}
        />
        <Choice
          label="Form of the messages"
          value={kind}
          onChange={(event) => {
            setKind(PROTOCOLS.find((known) => known === event.target.value) ?? 'standard');
            setChosen(new Set());
          }}
          options={PROTOCOLS.toReversed().map((value) => ({ value, label: KINDS[value] }))}
          error={errorAt('protocol')}
        />
      </div>
      <Field
        label="Address that is told"
        name="url"
        type="url"
        required
        maxLength={WEBHOOK_LIMITS.url}
        placeholder="https://example.com/hooks/models"
        error={errorAt('url')}
      />
      <Field
        label="What it is for"
        name="description"
        maxLength={WEBHOOK_LIMITS.description}
        error={errorAt('description')}
      />
      {kind === 'mlflow' && (
        <Field
          label="Secret that signs the messages"
          name="secret"
          type="password"
          autoComplete="off"
          maxLength={WEBHOOK_LIMITS.secret}
          hint="The one your receiver knows. It is kept sealed and never shown; without one, messages are not signed."
          error={errorAt('secret')}
        />
      )}
      <p className="text-xs font-medium text-muted">Told of</p>
      <EventFields kind={kind} chosen={chosen} onChange={setChosen} />
      {errorAt('events') && <p className="text-xs font-medium text-breach">{errorAt('events')}</p>}
      <Fault problem={problem} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Not now</Button>
        <Button type="submit" kind="primary" busy={busy}>
          Make the webhook
        </Button>
      </div>
    </form>
  );
}
