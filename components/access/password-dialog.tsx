'use client';

import type { FormEvent } from 'react';
import { api } from '../../lib/board/client.ts';
import { useBoard } from '../board/context.tsx';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Field } from '../ui/field.tsx';
import { Modal } from '../ui/modal.tsx';
import { NewPassword } from './new-password.tsx';

/** The first password was chosen by whoever made the account: here it becomes one that only its person knows. */
export function PasswordDialog() {
  const { open, board } = useBoard();
  const { busy, problem, write, errorAt } = useWrite();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const body = { current: String(fields.get('current')), password: String(fields.get('password')) };
    const changed = await write(() => api('PUT', '/api/v1/me/password', body), 'Your password is changed.');
    if (changed) open(null);
  };
  return (
    <Modal
      open
      onClose={() => open(null)}
      title="Change your password"
      about="You stay signed in here; everywhere else you have to sign in again."
    >
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-2">
        {/* Password managers keep the new one under this name. */}
        <input type="hidden" name="username" autoComplete="username" value={board.me.email ?? ''} />
        <Field
          label="Present password"
          name="current"
          type="password"
          required
          autoComplete="current-password"
          error={errorAt('current')}
        />
        <NewPassword label="New password" error={errorAt('password')} />
        <Fault problem={problem} />
        <Button type="submit" kind="primary" busy={busy}>
          Change the password
        </Button>
      </form>
    </Modal>
  );
}
