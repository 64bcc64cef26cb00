import { and, eq, isNull } from 'drizzle-orm';
import { sessions, users } from '../../../db/schema/access.ts';
import { defineCommand } from '../../shell/command.ts';
import { notFound, refused } from '../../shell/errors.ts';
import { hashPassword } from '../password.ts';
import { viewUser } from '../queries.ts';
import { updateUserInput } from '../schema.ts';

/** Changes an account. A new password or a disabling ends every session it has. */
export const updateUser = defineCommand('access.update-user', updateUserInput, async ({ tx, actor, now }, input) => {
  const [before] = await tx.select().from(users).where(eq(users.id, input.id)).for('update');
  if (!before) throw notFound('user', input.id);
  if (before.id === actor.id && (input.disabled || (input.roles && !input.roles.includes('admin')))) {
    throw refused('own_account', 'id', 'You cannot disable your own account or take the admin role from yourself.');
  }
  const [after] = await tx
    .update(users)
    .set({
      name: input.name ?? before.name,
      roles: input.roles ? [...new Set(input.roles)] : before.roles,
      passwordHash: input.password === undefined ? before.passwordHash : await hashPassword(input.password),
      disabledAt: input.disabled === undefined ? before.disabledAt : input.disabled ? (before.disabledAt ?? now) : null,
      version: before.version + 1,
    })
    .where(eq(users.id, input.id))
    .returning();
  if (input.password !== undefined || input.disabled) {
    await tx
      .update(sessions)
      .set({ revokedAt: now })
      .where(and(eq(sessions.userId, input.id), isNull(sessions.revokedAt)));
  }
  const facts = (user: typeof before) => ({ name: user.name, roles: user.roles, disabled: user.disabledAt !== null });
  return {
    value: viewUser(after!),
    subject: { type: 'user', id: input.id },
    before: facts(before),
    after: { ...facts(after!), passwordChanged: input.password !== undefined },
  };
});
