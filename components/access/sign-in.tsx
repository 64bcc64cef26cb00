'use client';

import { type FormEvent, useState, useSyncExternalStore } from 'react';
import { SIGN_IN_MESSAGES, signIn } from './session.ts';
import { SetUp } from './set-up.tsx';
import { SignInFields } from './sign-in-fields.tsx';

export type DemoAccount = { email: string; name: string; roles: string[]; about: string; password: string };

const onHash = (changed: () => void) => {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
};
/** The token of a set-up link: behind the #, where no server and no log ever sees it. */
const setUpToken = () => /^#set-up=(.+)$/.exec(window.location.hash)?.[1] ?? null;

export function SignIn({ next, demo }: { next: string; demo: DemoAccount[] }) {
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');
  const token = useSyncExternalStore(onHash, setUpToken, () => null);

  const enter = async (email: string, password: string) => {
    setBusy(true);
    setMessage('');
    try {
      const outcome = await signIn(email, password);
      // A whole page load: nothing of the former person's screen may remain in memory.
      if (outcome === 'ok') return window.location.assign(next);
      setMessage(SIGN_IN_MESSAGES[outcome]);
    } catch {
      setMessage('The server did not answer. Try again in a moment.');
    }
    setBusy(false);
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    void enter(String(fields.get('email')), String(fields.get('password')));
  };

  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-4 p-4">
      <h1 className="flex items-center gap-2 text-xl font-semibold">
        <span aria-hidden className="h-6 w-1.5 rounded-sm bg-live" /> Plumbline
      </h1>
      <p className="text-muted">One screen on which product, data and operations decide together about their models.</p>
      {token === null ? (
        <form onSubmit={submit} className="flex flex-col gap-3 rounded-lg border border-line bg-panel p-4">
          <h2 className="text-base font-semibold">Sign in</h2>
          <SignInFields message={message} busy={busy} />
        </form>
      ) : (
        <SetUp token={token} />
      )}
      {demo.length > 0 && (
        <section aria-labelledby="demo" className="flex flex-col gap-2 rounded-lg border border-line bg-panel p-4">
          <h2 id="demo" className="text-base font-semibold">
            Or look around as
          </h2>
          <p className="text-muted">
            Sample data on your own machine. Each person sees the same board and may do other things.
          </p>
          <ul className="flex flex-col gap-2">
            {demo.map((account) => (
              <li key={account.email}>
                <button
                  type="button"
                  disabled={busy}
                  onClick={() => void enter(account.email, account.password)}
                  className="tap flex w-full flex-col rounded-md border border-control px-3 py-2 text-left hover:bg-raised"
                >
                  <span className="font-semibold">
                    {account.name} <span className="font-normal text-muted">({account.roles.join(', ')})</span>
                  </span>
                  <span className="text-muted">{account.about}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </main>
  );
}
