import { sessions } from '../../../db/schema/access.ts';
import { newId } from '../../base/ids.ts';
import { addMs, HOUR_MS } from '../../base/time.ts';
import { defineCommand, type Outcome } from '../../shell/command.ts';
import { checkPassword } from '../credentials.ts';
import { SESSION_HOURS, type SignInAnswer, signInInput } from '../schema.ts';

/**
 * Checks a password and opens a session. Unknown account and wrong password give one answer, in one time. A failure is
 * an outcome and not an error: it must be counted, and a rollback would forget it.
 */
export const signIn = defineCommand(
  'access.sign-in',
  signInInput,
  async ({ tx, now }, input): Promise<Outcome<SignInAnswer>> => {
    const check = await checkPassword(tx, input, now);
    if (!check.ok) {
      const value = { ok: false, code: check.code } as const;
      if (check.code === 'too_many_attempts') return { value, unchanged: true };
      const subject = { type: 'user', id: check.userId ?? 'unknown' };
      return { value, subject, before: null, after: { signedIn: false } };
    }
    const { user } = check;
    const session = { id: newId(), userId: user.id, createdAt: now, expiresAt: addMs(now, SESSION_HOURS * HOUR_MS) };
    await tx.insert(sessions).values(session);
    const value = { ok: true, sessionId: session.id, userId: user.id, email: user.email, name: user.name } as const;
    return { value, subject: { type: 'user', id: user.id }, before: null, after: { signedIn: true } };
  },
);
