'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { SCOPES, type TokenView } from '../../lib/access/schema.ts';
import { api } from '../../lib/board/client.ts';
import { useBoard } from '../board/context.tsx';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Choice, Field } from '../ui/field.tsx';
import { Modal } from '../ui/modal.tsx';
import { ShownOnce } from '../ui/shown-once.tsx';
import { TokenEntry } from './token-entry.tsx';

const LIFETIMES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: '', label: 'Until it is revoked' },
];

export function TokensDialog() {
  const { open, board } = useBoard();
  const queries = useQueryClient();
  const { busy, problem, write, errorAt } = useWrite();
  // An administrator is answered those of everybody.
  const everybodys = board.me.roles.includes('admin');
  const [secret, setSecret] = useState('');
  const tokens = useQuery({
    queryKey: ['tokens'],
    queryFn: () => api<{ items: TokenView[] }>('GET', '/api/v1/tokens'),
  });
  const again = () => queries.invalidateQueries({ queryKey: ['tokens'] });
  const create = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const days = String(fields.get('days'));
    const body = {
      name: String(fields.get('name')),
      scopes: fields.getAll('scope').map(String),
      expiresInDays: days ? Number(days) : null,
    };
    const made = await write(() => api<{ token: string }>('POST', '/api/v1/tokens', body), '');
    if (!made) return;
    setSecret(made.token);
    form.reset();
    await again();
  };
  return (
    <Modal
      open
      onClose={() => open(null)}
      title="API tokens"
      about="For scripts and pipelines. A token never may do more than you may, and deciding stays with people."
      wide
    >
      {secret && <ShownOnce label="Your new token" secret={secret} />}
      <form onSubmit={(event) => void create(event)} className="flex flex-col gap-2">
        <div className="grid gap-2 sm:grid-cols-2">
          <Field label="What it is for" name="name" required maxLength={120} error={errorAt('name')} />
          <Choice label="Valid for" name="days" options={LIFETIMES} error={errorAt('expiresInDays')} />
        </div>
        <fieldset className="flex flex-wrap gap-x-3">
          <legend className="text-xs font-medium text-muted">It may</legend>
          {SCOPES.map((scope) => (
            <label key={scope} className="flex min-h-6 items-center gap-1.5">
              <input
                type="checkbox"
                name="scope"
                value={scope}
                defaultChecked={scope === 'data:write'}
                className="size-4"
              />
              {scope}
            </label>
          ))}
        </fieldset>
        {errorAt('scopes') && <p className="text-xs text-breach">{errorAt('scopes')}</p>}
        <Fault problem={problem} />
        <Button type="submit" kind="primary" busy={busy}>
          Make a token
        </Button>
      </form>
      <h3 className="font-semibold">{everybodys ? 'Everybody’s' : 'Yours'}</h3>
      {tokens.error && <p className="text-breach">{tokens.error.message}</p>}
      {tokens.data?.items.length === 0 && <p className="text-muted">None yet.</p>}
      <ul className="flex flex-col">
        {tokens.data?.items.map((token) => (
          <TokenEntry key={token.id} token={token} owned={everybodys} />
        ))}
      </ul>
    </Modal>
  );
}
