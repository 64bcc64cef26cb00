'use client';

import { useState } from 'react';
import type { Decision, RequestView } from '../../lib/approvals/schema.ts';
import { api } from '../../lib/board/client.ts';
import { Ago, useBoard, useWords } from '../board/context.tsx';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { DecideConfirm } from './decide-confirm.tsx';
import { Evidence } from './evidence.tsx';
import { ReviseForm } from './revise-form.tsx';
import { Slots } from './slots.tsx';
import { ROLE_WORDS, STATE_WORDS, signingRoles } from './words.ts';

export function RequestCard({ request }: { request: RequestView }) {
  const { board } = useBoard();
  const words = useWords();
  const { busy, problem, write } = useWrite();
  const [deciding, setDeciding] = useState<Decision | null>(null);
  const [revising, setRevising] = useState(false);
  const roles = signingRoles(request, board.me.roles);
  const as = roles[0] ? ROLE_WORDS[roles[0]] : null;
  const { can } = request;
  const live = request.evidence.liveVersion;
  const undecided =
    request.state === 'in_review' || request.state === 'changes_requested' || request.state === 'approved';
  const mine = request.createdById === board.me.id;

  const deploy = () =>
    write(() => api('POST', `/api/v1/approvals/${request.id}/deploy`, {}), `v${request.version} is on its way.`);
  const withdraw = () => write(() => api('POST', `/api/v1/approvals/${request.id}/withdraw`, {}), 'Withdrawn.');

  return (
    <section aria-labelledby={`request-${request.id}`} className="flex flex-col gap-2.5">
      <div>
        <h2 id={`request-${request.id}`} className="text-sm font-semibold" title={words.others('request')}>
          Request {request.id} · put v{request.version} live
        </h2>
        <p className="text-xs text-muted">
          <span className="font-semibold text-ink" data-fact={`request:${request.id}:state`} data-value={request.state}>
            {STATE_WORDS[request.state]}
          </span>{' '}
          · {request.environment} · by {request.createdBy}, <Ago at={request.createdAt} />
          {request.revision > 1 && ` · revision ${request.revision}`}
        </p>
        <p className="mt-1 border-l-2 border-line pl-2">{request.reason}</p>
        <p className="mt-1 text-xs text-muted">
          {request.subject.rollout.strategy === 'all'
            ? 'All traffic at once'
            : `${request.subject.rollout.strategy === 'canary' ? 'Canary' : 'Shadow'}, ${request.subject.rollout.percent} %`}
          {' · '}
          {live === null ? 'nothing live to go back to' : `v${live} is the way back`}
          {' · '}
          {request.approvedUntil
            ? `approval valid until ${words.moment(request.approvedUntil)}`
            : `expires ${words.day(request.expiresAt)}`}
        </p>
      </div>
      <Evidence request={request} />
      <Slots request={request} />
      {request.blockedBy.length > 0 && (
        <div className="rounded-md border border-line bg-ground px-2 py-1">
          <h3 className="text-xs font-semibold">Before it can go live</h3>
          <ul className="list-disc pl-4 text-xs">
            {request.blockedBy.map((blocker) => (
              <li key={blocker.code + blocker.message}>{blocker.message}</li>
            ))}
          </ul>
        </div>
      )}
      <Fault problem={problem} />
      {deciding ? (
        <DecideConfirm request={request} decision={deciding} roles={roles} onClose={() => setDeciding(null)} />
      ) : revising ? (
        <ReviseForm request={request} onClose={() => setRevising(false)} />
      ) : (
        <div className="flex flex-col gap-1.5">
          {undecided && (
            <div className="flex flex-wrap gap-1.5">
              <Button
                kind="primary"
                data-key="approve"
                able={can.decide}
                onClick={() => setDeciding('approve')}
                title="A"
              >
                {as ? `Approve as ${as}` : 'Approve'}
              </Button>
              <Button
                data-key="request-changes"
                able={can.decide}
                onClick={() => setDeciding('request_changes')}
                title="R"
              >
                Request changes
              </Button>
              <Button kind="danger" able={can.decide} onClick={() => setDeciding('reject')}>
                Reject
              </Button>
            </div>
          )}
          {undecided && !can.decide.ok && <p className="text-xs text-muted">{can.decide.message}</p>}
          {undecided && (
            <Button
              kind={can.deploy.ok ? 'primary' : 'plain'}
              able={can.deploy}
              reason="beside"
              busy={busy}
              onClick={() => void deploy()}
            >
              Deploy v{request.version} to {request.environment}
            </Button>
          )}
          {mine && (
            <div className="flex flex-wrap gap-1.5">
              <Button able={can.revise} onClick={() => setRevising(true)}>
                Revise
              </Button>
              <Button able={can.withdraw} busy={busy} onClick={() => void withdraw()}>
                Withdraw
              </Button>
            </div>
          )}
        </div>
      )}
    </section>
  );
}
