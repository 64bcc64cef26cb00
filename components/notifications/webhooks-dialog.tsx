'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { webhooksQuery } from '../../lib/board/client.ts';
import { useBoard } from '../board/context.tsx';
import { Button } from '../ui/button.tsx';
import { Modal } from '../ui/modal.tsx';
import { ShownOnce } from '../ui/shown-once.tsx';
import { WebhookEntry } from './webhook-entry.tsx';
import { WebhookForm } from './webhook-form.tsx';

/** Who outside is told of what happens here, how that goes, and everything that can be done about it. */
export function WebhooksDialog() {
  const { open } = useBoard();
  const queries = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState('');
  const query = useQuery(webhooksQuery());
  return (
    <Modal
      open
      onClose={() => open(null)}
      title="Webhooks"
      about="Other systems are told when something happens here: signed, and tried again for three days while nobody answers."
      wide
    >
      {secret && <ShownOnce label="The secret that signs its messages" secret={secret} />}
      {adding ? (
        <WebhookForm
          onClose={() => setAdding(false)}
          onMade={async (made) => {
            setSecret(made.secret ?? '');
            setAdding(false);
            await queries.invalidateQueries({ queryKey: ['webhooks'] });
          }}
        />
      ) : (
        <Button kind="primary" onClick={() => setAdding(true)} className="self-start">
          New webhook
        </Button>
      )}
      {query.error && <p className="text-breach">{query.error.message}</p>}
      {query.data?.length === 0 && !adding && <p className="text-muted">None yet: nobody outside is told anything.</p>}
      {query.data && query.data.length > 0 && (
        <ul aria-label="Webhooks" className="flex flex-col">
          {query.data.map((webhook) => (
            <WebhookEntry key={webhook.id} webhook={webhook} />
          ))}
        </ul>
      )}
    </Modal>
  );
}
