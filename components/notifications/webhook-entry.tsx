'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../lib/board/client.ts';
import type { WebhookView } from '../../lib/notifications/schema.ts';
import { Ago, useWords } from '../board/context.tsx';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Deliveries } from './deliveries.tsx';
import { KINDS, statusWords } from './words.ts';

type TestResult = {
  success: boolean;
  responseStatus: number | null;
  responseBody: string | null;
  errorMessage: string | null;
};

/** One webhook: how it fares, and what can be done with it. */
export function WebhookEntry({ webhook }: { webhook: WebhookView }) {
  const words = useWords();
  const queries = useQueryClient();
  const { busy, problem, write } = useWrite();
  const [test, setTest] = useState<TestResult>();
  const [isOpen, setIsOpen] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const path = `/api/v1/webhooks/${webhook.id}`;
  const paused = webhook.status === 'DISABLED';
  const act = async (work: () => Promise<unknown>, said: string) => {
    await write(work, said);
    await queries.invalidateQueries({ queryKey: ['webhooks'] });
  };
  const setStatus = () =>
    act(
      () => api('PATCH', path, { status: paused ? 'ACTIVE' : 'DISABLED' }, { 'if-match': `"${webhook.etag}"` }),
      paused ? 'It is told again.' : 'Paused: nothing is sent until it goes on.',
    );
  const remove = () => {
    // Nobody asks any more how its deliveries went.
    setIsOpen(false);
    return act(() => api('DELETE', path), 'Deleted.');
  };
  const runTest = async () => setTest(await write(() => api<TestResult>('POST', `${path}/test`, {}), ''));
  return (
    <li className="flex flex-col gap-1 border-b border-line py-2 last:border-b-0">
      <span className="min-w-0">
        <strong>{webhook.name}</strong> · {statusWords(webhook)}
        <span className="block font-mono text-xs break-all">{webhook.url}</span>
        {webhook.description && <span className="block break-words">{webhook.description}</span>}
        <span className="block text-xs text-muted">
          {KINDS[webhook.protocol]} · {webhook.signed ? 'signed' : 'not signed'} · made by {webhook.createdBy}{' '}
          <Ago at={webhook.createdAt} />
          {webhook.failingSince && ` · failing since ${words.moment(webhook.failingSince)}`}
        </span>
      </span>
      <details className="text-xs">
        <summary className="cursor-pointer">
          Told of {webhook.events.length} {webhook.events.length === 1 ? 'event' : 'events'}
        </summary>
        <p className="font-mono break-words">{webhook.events.join(', ')}</p>
      </details>
      <span className="flex flex-wrap gap-2">
        <Button busy={busy} onClick={() => void runTest()} aria-label={`Send a test to ${webhook.name}`}>
          Send a test
        </Button>
        <Button aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)} aria-label={`Deliveries of ${webhook.name}`}>
          Deliveries
        </Button>
        <Button
          busy={busy}
          onClick={() => void setStatus()}
          aria-label={`${paused ? 'Resume' : 'Pause'} ${webhook.name}`}
        >
          {paused ? 'Resume' : 'Pause'}
        </Button>
        <Button
          kind="danger"
          aria-expanded={deleting}
          onClick={() => setDeleting(!deleting)}
          aria-label={`Delete ${webhook.name}`}
        >
          Delete
        </Button>
      </span>
      {deleting && (
        <span className="flex flex-wrap items-center gap-2">
          It goes with its log of deliveries, for good.
          <Button onClick={() => setDeleting(false)}>Keep it</Button>
          <Button kind="danger" busy={busy} onClick={() => void remove()}>
            Delete it
          </Button>
        </span>
      )}
      <p role="status" className="text-xs empty:hidden">
        {test && <TestWords test={test} />}
      </p>
      <Fault problem={problem} />
      {isOpen && <Deliveries webhook={webhook} />}
    </li>
  );
}

function TestWords({ test: { success, responseStatus, errorMessage, responseBody } }: { test: TestResult }) {
  const said = responseStatus === null ? (errorMessage ?? 'no answer') : `it answered ${responseStatus}`;
  return (
    <>
      <strong className={success ? '' : 'text-breach'}>{success ? '✓ The test arrived' : '■ The test failed'}</strong>:{' '}
      {said}
      {responseBody ? `, “${responseBody.slice(0, 200)}”` : ''}
    </>
  );
}
