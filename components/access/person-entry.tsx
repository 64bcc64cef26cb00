'use client';

import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { PASSWORD_MIN, type UserView } from '../../lib/access/schema.ts';
import { api } from '../../lib/board/client.ts';
import { useBoard } from '../board/context.tsx';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Field } from '../ui/field.tsx';
import { RoleFields } from './role-fields.tsx';

/** One account, and what an administrator can change of it. */
export function PersonEntry({ person }: { person: UserView }) {
  const { board } = useBoard();
  const queries = useQueryClient();
  const { busy, problem, write, errorAt } = useWrite();
  const [editing, setEditing] = useState(false);
  const isMe = person.id === board.me.id;
  const change = async (what: Record<string, unknown>, said: string) => {
    const done = await write(() => api('PATCH', '/api/v1/users', { id: person.id, ...what }), said);
    await queries.invalidateQueries({ queryKey: ['users'] });
    return done !== undefined;
  };
  const save = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const password = String(fields.get('password') ?? '');
    const what = {
      name: String(fields.get('name')),
      roles: fields.getAll('role').map(String),
      ...(password ? { password } : {}),
    };
    if (await change(what, `${what.name} is changed.`)) setEditing(false);
  };
  return (
    <li className="flex flex-col gap-2 border-b border-line py-1">
      <span className="flex items-center gap-2">
        <span className="min-w-0 flex-1">
          <strong>{person.name}</strong> {person.disabled && '(disabled)'}
          <span className="block truncate text-xs text-muted">
            {person.email} · {person.roles.join(', ')}
          </span>
        </span>
        <Button aria-expanded={editing} onClick={() => setEditing(!editing)} aria-label={`Edit ${person.name}`}>
          Edit
        </Button>
        {!isMe && (
          <Button
            busy={busy}
            onClick={() =>
              void change(
                { disabled: !person.disabled },
                person.disabled ? 'May sign in again.' : 'May no longer sign in.',
              )
            }
            aria-label={`${person.disabled ? 'Enable' : 'Disable'} ${person.name}`}
          >
            {person.disabled ? 'Enable' : 'Disable'}
          </Button>
        )}
      </span>
      {editing && (
        <form
          onSubmit={(event) => void save(event)}
          className="flex flex-col gap-2 pb-2"
          aria-label={`Edit ${person.name}`}
        >
          <div className="grid gap-2 sm:grid-cols-2">
            <Field label="Name" name="name" required defaultValue={person.name} error={errorAt('name')} />
            {!isMe && (
              <Field
                label="New password (optional)"
                name="password"
                type="password"
                minLength={PASSWORD_MIN}
                autoComplete="new-password"
                hint="Ends every session of this person."
                error={errorAt('password')}
              />
            )}
          </div>
          <RoleFields held={person.roles} error={errorAt('roles')} />
          <span className="flex gap-2">
            <Button type="submit" kind="primary" busy={busy}>
              Save
            </Button>
            <Button onClick={() => setEditing(false)}>Cancel</Button>
          </span>
        </form>
      )}
      <Fault problem={problem} />
    </li>
  );
}
