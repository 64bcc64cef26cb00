'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { TokenView } from '../../lib/access/schema.ts';
import { api } from '../../lib/board/client.ts';
import { Ago, useWords } from '../board/context.tsx';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';

/** One token; `owned` where those of several people are listed together. */
export function TokenEntry({ token, owned }: { token: TokenView; owned: boolean }) {
  const words = useWords();
  const queries = useQueryClient();
  const { busy, problem, write } = useWrite();
  const [revoking, setRevoking] = useState(false);
  const revoke = async () => {
    await write(() => api('DELETE', `/api/v1/tokens/${token.id}`), 'Revoked.');
    await queries.invalidateQueries({ queryKey: ['tokens'] });
  };
  return (
    <li className="flex flex-col gap-1 border-b border-line py-1">
      <span className="flex items-center justify-between gap-2">
        <span className="min-w-0">
          <strong>{token.name}</strong> <span className="font-mono text-xs">{token.hint}</span>
          <span className="block text-xs text-muted">
            {owned && `${token.owner} · `}
            {token.scopes.join(', ')} · made <Ago at={token.createdAt} /> ·{' '}
            {token.expiresAt ? `until ${words.moment(token.expiresAt)}` : 'until it is revoked'} ·{' '}
            {token.lastUsedAt ? `last used ${words.ago(token.lastUsedAt)}` : 'never used'}
          </span>
        </span>
        <Button
          kind="danger"
          aria-expanded={revoking}
          onClick={() => setRevoking(!revoking)}
          aria-label={`Revoke ${token.name}`}
        >
          Revoke
        </Button>
      </span>
      {revoking && (
        <span className="flex flex-wrap items-center gap-2">
          What uses it is refused at once, for good.
          <Button onClick={() => setRevoking(false)}>Keep it</Button>
          <Button kind="danger" busy={busy} onClick={() => void revoke()}>
            Revoke it
          </Button>
        </span>
      )}
      <Fault problem={problem} />
    </li>
  );
}
