'use client';

import { usePanel } from '../board/context.tsx';
import { IncidentList } from '../incidents/incident-list.tsx';
import { Composer } from './composer.tsx';
import { Deployments } from './deployments.tsx';
import { Inbox } from './inbox.tsx';
import { RequestCard } from './request-card.tsx';
import { isOpen } from './words.ts';

export function DecidePanel() {
  const { panel, selection, select } = usePanel();
  const open = panel.requests.filter(isOpen);
  const closed = panel.requests.filter((request) => !isOpen(request));
  const shown = panel.requests.find((request) => request.id === selection.req) ?? open[0] ?? null;
  return (
    <>
      {shown ? <RequestCard key={shown.id} request={shown} /> : <Composer />}
      {shown && !isOpen(shown) && (
        <button
          type="button"
          className="min-h-6 self-start text-live underline"
          onClick={() => void select({ req: null })}
        >
          Back to what is open
        </button>
      )}
      <IncidentList />
      <Deployments />
      {closed.length > 0 && (
        <details>
          <summary className="min-h-6 font-semibold">Earlier requests ({closed.length})</summary>
          <ul className="mt-1 flex flex-col">
            {closed.map((request) => (
              <li key={request.id}>
                <button
                  type="button"
                  className="min-h-6 text-left text-live underline"
                  onClick={() => void select({ req: request.id })}
                >
                  Request {request.id}: v{request.version}, {request.state.replaceAll('_', ' ')}
                </button>
              </li>
            ))}
          </ul>
        </details>
      )}
      <Inbox />
    </>
  );
}
