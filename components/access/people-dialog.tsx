'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import type { UserView } from '../../lib/access/schema.ts';
import { api } from '../../lib/board/client.ts';
import { useBoard } from '../board/context.tsx';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Field } from '../ui/field.tsx';
import { Modal } from '../ui/modal.tsx';
import { NewPassword } from './new-password.tsx';
import { PersonEntry } from './person-entry.tsx';
import { RoleFields } from './role-fields.tsx';

export function PeopleDialog() {
  const { open } = useBoard();
  const queries = useQueryClient();
  const { busy, problem, write, errorAt } = useWrite();
  const people = useQuery({ queryKey: ['users'], queryFn: () => api<{ items: UserView[] }>('GET', '/api/v1/users') });
  const again = () => queries.invalidateQueries({ queryKey: ['users'] });
  const create = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const name = String(fields.get('name')).trim();
    const body = {
      email: String(fields.get('email')),
      ...(name ? { name } : {}),
      roles: fields.getAll('role').map(String),
      password: String(fields.get('password')),
    };
    if (!(await write(() => api('POST', '/api/v1/users', body), `${body.email} may sign in.`))) return;
    form.reset();
    await again();
  };
  return (
    <Modal
      open
      onClose={() => open(null)}
      title="People"
      about="Roles decide what somebody may do. Everybody sees the same board."
      wide
    >
      {people.error && <p className="text-breach">{people.error.message}</p>}
      <ul className="flex flex-col">
        {people.data?.items.map((person) => (
          <PersonEntry key={person.id} person={person} />
        ))}
      </ul>
      <h3 className="font-semibold">Add somebody</h3>
      <form onSubmit={(event) => void create(event)} className="flex flex-col gap-2">
        <div className="grid gap-2 sm:grid-cols-3">
          <Field label="E-mail" name="email" type="email" required autoComplete="off" error={errorAt('email')} />
          <Field label="Name" name="name" autoComplete="off" error={errorAt('name')} />
          <NewPassword label="First password" error={errorAt('password')} />
        </div>
        <RoleFields held={[]} error={errorAt('roles')} />
        <Fault problem={problem} />
        <Button type="submit" kind="primary" busy={busy}>
          Add
        </Button>
      </form>
    </Modal>
  );
}
