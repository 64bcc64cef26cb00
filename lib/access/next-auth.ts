import type { AuthOptions } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import { getDb } from '../../db/client.ts';
import { execute } from '../shell/command.ts';
import { asAppError } from '../shell/http.ts';
import { authSecret } from '../shell/session.ts';
import { signIn } from './commands/sign-in.ts';
import { signOut } from './commands/sign-out.ts';
import { findSessionActor } from './queries.ts';
import { ANONYMOUS, SESSION_HOURS } from './schema.ts';

/**
 * The session cookie is a signed token that carries only the id of a session row; the row decides on every request.
 * Made when asked for, because the database must not open while pages are built.
 */
export async function authOptions(address: string): Promise<AuthOptions> {
  const db = getDb();
  return {
    secret: authSecret(),
    session: { strategy: 'jwt', maxAge: SESSION_HOURS * 3600 },
    pages: { signIn: '/sign-in', error: '/sign-in' },
    providers: [
      CredentialsProvider({
        name: 'E-mail and password',
        credentials: { email: { label: 'E-mail', type: 'email' }, password: { label: 'Password', type: 'password' } },
        async authorize(credentials) {
          const answer = await execute(
            signIn,
            { email: credentials?.email ?? '', password: credentials?.password ?? '', address },
            { db, actor: ANONYMOUS },
          ).catch(told);
          if (!answer.ok) throw new Error(answer.code);
          return { id: answer.userId, email: answer.email, name: answer.name, sessionId: answer.sessionId };
        },
      }),
    ],
    callbacks: {
      jwt({ token, user }) {
        const sessionId = user && 'sessionId' in user ? user.sessionId : undefined;
        return sessionId === undefined ? token : { sub: token.sub, sid: sessionId };
      },
      async session({ session, token }) {
        const actor = typeof token.sid === 'string' ? await findSessionActor(db, token.sid, new Date()) : undefined;
        return { ...session, user: actor ? { name: actor.name, email: actor.email } : {} };
      },
    },
    events: {
      async signOut({ token }) {
        const actor = typeof token?.sid === 'string' ? await findSessionActor(db, token.sid, new Date()) : undefined;
        if (actor?.sessionId) await execute(signOut, { sessionId: actor.sessionId }, { db, actor });
      },
    },
    logger: { error: (code) => console.error('sign-in:', code), warn: () => undefined, debug: () => undefined },
  };
}

/** next-auth writes the words of an error into an address: of ours it gets the code. */
function told(error: unknown): never {
  const { kind, code } = asAppError(error);
  if (kind === 'internal') console.error('sign-in failed:', error);
  throw new Error(code);
}
