import { and, eq, isNull, ne } from 'drizzle-orm';
import { sessions, users } from '../../../db/schema/access.ts';
import { defineCommand, type Outcome } from '../../shell/command.ts';
import { checkPassword } from '../credentials.ts';
import { hashPassword } from '../password.ts';
import { type ChangePasswordAnswer, changePasswordInput } from '../schema.ts';

/**
 * Replaces one's own password and ends every other session. A wrong one is an outcome and not an error, as at the sign-in: it
 * is counted there, so that a screen left open is no place to guess at.
 */
export const changePassword = defineCommand(
  'access.change-password',
  changePasswordInput,
  async ({ tx, actor, now }, input): Promise<Outcome<ChangePasswordAnswer>> => {
    const subject = { type: 'user', id: actor.id };
    const check = await checkPassword(tx, { email: actor.email ?? '', password: input.current, address: null }, now);
    if (!check.ok) {
      const value = { ok: false, code: check.code } as const;
      if (check.code === 'too_many_attempts') return { value, unchanged: true };
      return { value, subject, before: null, after: { passwordChanged: false } };
    }
    await tx
      .update(users)
      .set({ passwordHash: await hashPassword(input.password), version: check.user.version + 1 })
      .where(eq(users.id, actor.id));
    const others = and(eq(sessions.userId, actor.id), isNull(sessions.revokedAt));
    await tx
      .update(sessions)
      .set({ revokedAt: now })
      .where(actor.sessionId === undefined ? others : and(others, ne(sessions.id, actor.sessionId)));
    return { value: { ok: true }, subject, before: null, after: { passwordChanged: true } };
  },
);
