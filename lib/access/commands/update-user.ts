import { and, asc, eq, isNull, or, sql } from 'drizzle-orm';
import { sessions, users } from '../../../db/schema/access.ts';
import { defineCommand } from '../../shell/command.ts';
import { forbidden, notFound, refused } from '../../shell/errors.ts';
import { hashPassword } from '../password.ts';
import { viewUser } from '../queries.ts';
import { updateUserInput } from '../schema.ts';

/**
 * Changes an account. A new password or a disabling ends every session it has. It locks every administrator in use, always in
 * one order, and goes by who is one then: of two who take the role from each other at once, one comes too late, so that there
 * is always an administrator left.
 */
export const updateUser = defineCommand('access.update-user', updateUserInput, async ({ tx, actor, now }, input) => {
  const administers = and(isNull(users.disabledAt), sql`'admin' = any(${users.roles})`);
  const locked = await tx
    .select({ user: users, administers: sql<boolean>`${administers}` })
    .from(users)
    .where(or(eq(users.id, input.id), administers))
    .orderBy(asc(users.id))
    .for('no key update');
  const isPerson = actor.kind === 'user' || actor.kind === 'token';
  if (isPerson && !locked.some(({ user, administers }) => administers && user.id === actor.id)) {
    throw forbidden('no_longer_admin', 'The admin role was taken from you, or your account closed, a moment ago.');
  }
  const before = locked.find(({ user }) => user.id === input.id)?.user;
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
