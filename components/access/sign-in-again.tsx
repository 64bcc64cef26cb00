'use client';

import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../lib/board/client.ts';
import type { BoardView } from '../../lib/board/schema.ts';
import { useBoard } from '../board/context.tsx';
import { Modal } from '../ui/modal.tsx';
import { SIGN_IN_MESSAGES, signIn } from './session.ts';
import { SignInFields } from './sign-in-fields.tsx';

/** Over the screen as it stands, so that nothing that was typed is lost with the session. */
export function SignInAgain({ onClose }: { onClose: () => void }) {
  const { me } = useBoard().board;
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');
  const enter = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    setBusy(true);
    setMessage('');
    try {
      const outcome = await signIn(String(fields.get('email')), String(fields.get('password')));
      setMessage(SIGN_IN_MESSAGES[outcome]);
      if (outcome === 'ok') {
        const { me: entered } = await api<BoardView>('GET', '/api/v1/board');
        // Nothing of the former person's screen may remain in memory.
        if (entered.id !== me.id) return window.location.reload();
        await queries.invalidateQueries();
      }
    } catch {
      setMessage('The server did not answer. Try again in a moment.');
    }
    setBusy(false);
  };
  return (
    <Modal
      open
      onClose={onClose}
      title="Your session has ended"
      about="Sign in again: what is on the screen, and what you have typed, stays."
    >
      <form onSubmit={(event) => void enter(event)} className="flex flex-col gap-2">
        <SignInFields email={me.email ?? undefined} message={message} busy={busy} />
      </form>
    </Modal>
  );
}
