'use client';

import { type FormEvent, useState } from 'react';
import type { RequestView } from '../../lib/approvals/schema.ts';
import { api } from '../../lib/board/client.ts';
import { usePanel } from '../board/context.tsx';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Area, Choice } from '../ui/field.tsx';

/** A revision starts the agreement anew: what was agreed to before was something else. */
export function ReviseForm({ request, onClose }: { request: RequestView; onClose: () => void }) {
  const { panel } = usePanel();
  const { busy, problem, write, errorAt } = useWrite();
  const [version, setVersion] = useState(request.version);
  const [reason, setReason] = useState(request.reason);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const done = await write(
      () => api('POST', `/api/v1/approvals/${request.id}/revise`, { version, reason }),
      'Sent for review again.',
    );
    if (done) onClose();
  };
  return (
    <form
      onSubmit={(event) => void submit(event)}
      className="flex flex-col gap-2 rounded-md border-2 border-live p-2"
      aria-label={`Revise request ${request.id}`}
    >
      <p className="text-xs text-muted">After a revision everybody is asked again.</p>
      <Choice
        label="Version"
        value={version}
        onChange={(event) => setVersion(Number(event.target.value))}
        options={panel.versions.map((v) => ({ value: String(v.version), label: `Version ${v.version}` }))}
        error={errorAt('version')}
      />
      <Area
        label="What changes, and why"
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        error={errorAt('reason')}
        required
        minLength={10}
      />
      <Fault problem={problem} />
      <div className="flex gap-1.5">
        <Button type="submit" kind="primary" busy={busy}>
          Send for review
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </form>
  );
}
