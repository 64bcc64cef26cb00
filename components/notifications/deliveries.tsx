'use client';

import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, deliveriesQuery } from '../../lib/board/client.ts';
import {
  DELIVERY_STATES,
  type DeliveryState,
  type DeliveryView,
  type WebhookView,
} from '../../lib/notifications/schema.ts';
import { useWords } from '../board/context.tsx';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Choice } from '../ui/field.tsx';
import { DELIVERY_WORDS } from './words.ts';

const STATES = [
  { value: '', label: 'All' },
  ...DELIVERY_STATES.map((value) => ({ value, label: DELIVERY_WORDS[value] })),
];
/** While the log is open, it is read anew this often: what is being sent tells nobody how it went. */
const LOOK_AGAIN_MS = 3_000;

/** What was sent to a webhook and what it said, newest first. */
export function Deliveries({ webhook }: { webhook: WebhookView }) {
  const [state, setState] = useState<DeliveryState | ''>('');
  const query = useInfiniteQuery({ ...deliveriesQuery(webhook.id, state), refetchInterval: LOOK_AGAIN_MS });
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section
      aria-label={`Deliveries of ${webhook.name}`}
      className="flex flex-col gap-1 rounded-md border border-line p-2"
    >
      <Choice
        label="Deliveries"
        value={state}
        onChange={(event) => setState(DELIVERY_STATES.find((known) => known === event.target.value) ?? '')}
        options={STATES}
      />
      {query.error && <p className="text-breach">{query.error.message}</p>}
      {query.data && items.length === 0 && <p className="text-muted">None.</p>}
      <ul className="flex flex-col" aria-live="polite">
        {items.map((delivery) => (
          <Delivery key={delivery.id} webhook={webhook} delivery={delivery} />
        ))}
      </ul>
      {query.hasNextPage && (
        <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show older ones
        </Button>
      )}
    </section>
  );
}

function Delivery({ webhook, delivery }: { webhook: WebhookView; delivery: DeliveryView }) {
  const words = useWords();
  const queries = useQueryClient();
  const { busy, problem, write } = useWrite();
  const again = async () => {
    const path = `/api/v1/webhooks/${webhook.id}/deliveries/${delivery.id}/redeliver`;
    await write(() => api('POST', path), 'It is sent again.');
    await queries.invalidateQueries({ queryKey: ['webhooks', webhook.id] });
  };
  const answer = delivery.responseStatus === null ? delivery.error : `answered ${delivery.responseStatus}`;
  const told = [
    words.moment(delivery.createdAt),
    delivery.attempts > 0 && `${delivery.attempts} ${delivery.attempts === 1 ? 'attempt' : 'attempts'}`,
    answer,
    delivery.durationMs !== null && `${delivery.durationMs} ms`,
    delivery.nextAttemptAt && webhook.status === 'ACTIVE' && `next try ${words.moment(delivery.nextAttemptAt)}`,
  ].filter(Boolean);
  return (
    <li className="flex flex-col gap-1 border-b border-line py-1 last:border-b-0">
      <span className="flex flex-wrap items-start justify-between gap-x-2">
        <span className="min-w-0 flex-1 basis-48">
          <strong>{DELIVERY_WORDS[delivery.state]}</strong>{' '}
          <span className="font-mono text-xs break-all">{delivery.event}</span>
          <span className="block text-xs break-words text-muted">{told.join(' · ')}</span>
        </span>
        {delivery.attempts > 0 && (
          <Button
            busy={busy}
            onClick={() => void again()}
            aria-label={`Send again: ${delivery.event}, ${words.moment(delivery.createdAt)}`}
          >
            Send again
          </Button>
        )}
      </span>
      {delivery.responseBody && (
        <details className="text-xs">
          <summary className="cursor-pointer">What it answered</summary>
          <p className="max-h-32 overflow-auto font-mono break-all whitespace-pre-wrap">{delivery.responseBody}</p>
        </details>
      )}
      <Fault problem={problem} />
    </li>
  );
}
