'use client';

import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { Decision, RequestView, SigningRole } from '../../lib/approvals/schema.ts';
import { api } from '../../lib/board/client.ts';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Area, Choice } from '../ui/field.tsx';
import { ROLE_WORDS } from './words.ts';

const ACTS = {
  approve: { verb: 'Approve', note: 'Note (optional)', kind: 'primary', said: 'Approved.' },
  request_changes: { verb: 'Request changes', note: 'What has to change', kind: 'primary', said: 'Changes requested.' },
  reject: { verb: 'Reject', note: 'Why not', kind: 'danger', said: 'Rejected.' },
} as const satisfies Record<Decision, { verb: string; note: string; kind: 'primary' | 'danger'; said: string }>;

type Props = { request: RequestView; decision: Decision; roles: SigningRole[]; onClose: () => void };

/** What is agreed to is repeated, and sent along: an answer to something else than was seen is refused by the server. */
export function DecideConfirm({ request, decision, roles, onClose }: Props) {
  const { busy, problem, write, errorAt } = useWrite();
  const [role, setRole] = useState<SigningRole | undefined>(roles[0]);
  const [note, setNote] = useState('');
  const [seen] = useState({ revision: request.revision, evidenceHash: request.evidenceHash });
  const [current, setCurrent] = useState(seen);
  const field = useRef<HTMLTextAreaElement>(null);
  const act = ACTS[decision];
  const moved = current.evidenceHash !== request.evidenceHash || current.revision !== request.revision;
  const watches = request.evidence.checks.filter((check) => check.verdict === 'watch' || check.verdict === 'fail');

  useEffect(() => {
    field.current?.focus();
  }, []);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!role) return;
    const body = { decision, as: role, revision: current.revision, evidenceHash: current.evidenceHash, note };
    const done = await write(() => api('POST', `/api/v1/approvals/${request.id}/decide`, body), act.said);
    if (done) onClose();
  };
  return (
    <form
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          onClose();
        }
        if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) event.currentTarget.requestSubmit();
      }}
      aria-label={`${act.verb}: request ${request.id}`}
      className="flex flex-col gap-2 rounded-md border-2 border-live p-2"
    >
      <p>
        <strong>{act.verb}</strong>: v{request.version} of {request.model} in {request.environment}, revision{' '}
        {request.revision}.
      </p>
      {decision === 'approve' && watches.length > 0 && (
        <ul className="text-xs">
          {watches.map((check) => (
            <li key={check.id} className="text-watch">
              ▲ {check.name}: {check.detail}
            </li>
          ))}
        </ul>
      )}
      {moved && (
        <div className="rounded-md border border-watch p-1.5 text-xs">
          <strong className="text-watch">▲ The evidence changed while you were reading.</strong> Look at the comparison
          and checks above again.
          <Button onClick={() => setCurrent({ revision: request.revision, evidenceHash: request.evidenceHash })}>
            I have read the new evidence
          </Button>
        </div>
      )}
      {roles.length > 1 && (
        <Choice
          label="I sign as"
          value={role}
          onChange={(event) => setRole(roles.find((r) => r === event.target.value))}
          options={roles.map((r) => ({ value: r, label: ROLE_WORDS[r] }))}
        />
      )}
      <Area
        ref={field}
        label={act.note}
        value={note}
        onChange={(event) => setNote(event.target.value)}
        required={decision !== 'approve'}
        error={errorAt('note')}
        maxLength={4000}
      />
      <Fault problem={problem} />
      <div className="flex flex-wrap gap-1.5">
        <Button
          type="submit"
          kind={act.kind}
          busy={busy}
          able={moved ? { ok: false, message: 'Read the new evidence first.' } : { ok: true }}
        >
          {act.verb}
          {role ? ` as ${ROLE_WORDS[role]}` : ''}
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </form>
  );
}
