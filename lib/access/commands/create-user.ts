import { users } from '../../../db/schema/access.ts';
import { newId } from '../../base/ids.ts';
import { defineCommand } from '../../shell/command.ts';
import { AppError } from '../../shell/errors.ts';
import { hashPassword } from '../password.ts';
import { findUserByEmail, viewUser } from '../queries.ts';
import { createUserInput } from '../schema.ts';

export const createUser = defineCommand('access.create-user', createUserInput, async ({ tx, now }, input) => {
  if (await findUserByEmail(tx, input.email)) {
    const message = 'An account with this e-mail address exists already.';
    throw new AppError('conflict', 'email_taken', message, [{ path: 'email', code: 'email_taken', message }]);
  }
  const row = {
    id: newId(),
    email: input.email,
    name: input.name ?? input.email.split('@')[0]!,
    roles: [...new Set(input.roles)],
    passwordHash: input.password === undefined ? null : await hashPassword(input.password),
    createdAt: now,
  };
  const [user] = await tx.insert(users).values(row).returning();
  const value = viewUser(user!);
  return {
    value,
    subject: { type: 'user', id: value.id },
    before: null,
    after: { email: value.email, name: value.name, roles: value.roles },
  };
});
