/** next-auth's own credentials flow, spoken directly: its browser package would cost 10 kB for two requests. */
async function csrfToken(): Promise<string> {
  const answer = (await (await fetch('/api/auth/csrf')).json()) as { csrfToken: string };
  return answer.csrfToken;
}

async function post(path: string, fields: Record<string, string>): Promise<{ status: number; url: string | null }> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...fields, csrfToken: await csrfToken(), json: 'true', callbackUrl: '/' }),
  });
  const answer = (await response.json().catch(() => ({}))) as { url?: string };
  return { status: response.status, url: answer.url ?? null };
}

export type SignInOutcome = 'ok' | 'wrong_credentials' | 'too_many_attempts';

export const SIGN_IN_MESSAGES = {
  ok: '',
  wrong_credentials: 'This e-mail and password do not go together. Check both and try again.',
  too_many_attempts: 'Too many attempts. Wait a quarter of an hour, then try again.',
} as const satisfies Record<SignInOutcome, string>;

export async function signIn(email: string, password: string): Promise<SignInOutcome> {
  const { status, url } = await post('/api/auth/callback/credentials', { email, password });
  const error = url ? new URL(url, window.location.origin).searchParams.get('error') : null;
  if (status === 429 || error === 'too_many_attempts') return 'too_many_attempts';
  return status >= 400 || error !== null || url === null ? 'wrong_credentials' : 'ok';
}

export const signOut = (): Promise<unknown> => post('/api/auth/signout', {});
