import { sessions, signInFailures } from '../../../db/schema/access.ts';
import { newId } from '../../base/ids.ts';
import { addMs, HOUR_MS } from '../../base/time.ts';
import { defineCommand } from '../../shell/command.ts';
import { decoyHash, verifyPassword } from '../password.ts';
import { countSignInFailures, findUserByEmail } from '../queries.ts';
import { SIGN_IN_MAX_PER_ADDRESS, SIGN_IN_MAX_PER_EMAIL } from '../rules.ts';
import { SESSION_HOURS, type SignInAnswer, signInInput } from '../schema.ts';

/**
 * Checks a password and opens a session. Unknown account and wrong password give one answer, in one time. A failure is
 * an outcome and not an error: it must be counted, and a rollback would forget it.
 */
export const signIn = defineCommand('access.sign-in', signInInput, async ({ tx, now }, input) => {
  const emailKey = `email:${input.email.trim().toLowerCase()}`;
  const addressKey = `address:${input.address}`;
  const byEmail = await countSignInFailures(tx, emailKey, now);
  const byAddress = await countSignInFailures(tx, addressKey, now);
  if (byEmail >= SIGN_IN_MAX_PER_EMAIL || byAddress >= SIGN_IN_MAX_PER_ADDRESS) {
    return { value: { ok: false, code: 'too_many_attempts' } satisfies SignInAnswer as SignInAnswer, unchanged: true };
  }
  const user = await findUserByEmail(tx, input.email);
  const matches = await verifyPassword(input.password, user?.passwordHash ?? (await decoyHash()));
  if (!user || !matches || user.passwordHash === null || user.disabledAt) {
    await tx.insert(signInFailures).values([
      { key: emailKey, at: now },
      { key: addressKey, at: now },
    ]);
    const value: SignInAnswer = { ok: false, code: 'wrong_credentials' };
    return { value, subject: { type: 'user', id: user?.id ?? 'unknown' }, before: null, after: { signedIn: false } };
  }
  const session = { id: newId(), userId: user.id, createdAt: now, expiresAt: addMs(now, SESSION_HOURS * HOUR_MS) };
  await tx.insert(sessions).values(session);
  const value: SignInAnswer = { ok: true, sessionId: session.id, userId: user.id, email: user.email, name: user.name };
  return { value, subject: { type: 'user', id: user.id }, before: null, after: { signedIn: true } };
});
