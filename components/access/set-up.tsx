'use client';

import { type FormEvent, useState } from 'react';
import { api, ProblemError } from '../../lib/board/client.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Field } from '../ui/field.tsx';
import { NewPassword } from './new-password.tsx';
import { signIn } from './session.ts';

/** What the printed link of an empty workspace opens: the first account, made and signed in. */
export function SetUp({ token }: { token: string }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const errorAt = (path: string) => problem?.errors.find((error) => error.path === path)?.message;

  const make = async (fields: FormData) => {
    setBusy(true);
    setProblem(null);
    const [email, password] = [String(fields.get('email')), String(fields.get('password'))];
    try {
      await api('POST', '/api/v1/set-up', { token, name: String(fields.get('name')), email, password });
      if ((await signIn(email, password)) === 'ok') return window.location.assign('/');
    } catch (error) {
      setProblem(
        error instanceof ProblemError
          ? error
          : new ProblemError(0, { detail: 'The server did not answer. Try again in a moment.' }),
      );
    }
    setBusy(false);
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void make(new FormData(event.currentTarget));
  };

  return (
    <form onSubmit={submit} className="flex flex-col gap-3 rounded-lg border border-line bg-panel p-4">
      <h2 className="text-base font-semibold">Make the first account</h2>
      <p className="text-muted">You become the administrator; you can then add the others and their roles.</p>
      <Field label="Your name" name="name" autoComplete="name" required error={errorAt('name')} />
      <Field label="E-mail" name="email" type="email" autoComplete="username" required error={errorAt('email')} />
      <NewPassword label="Password" error={errorAt('password')} />
      <Fault problem={problem} />
      <Button type="submit" kind="primary" busy={busy}>
        Make the account
      </Button>
    </form>
  );
}
