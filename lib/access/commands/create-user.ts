import { defineCommand } from '../../shell/command.ts';
import { AppError } from '../../shell/errors.ts';
import { insertAccount } from '../account.ts';
import { findUserByEmail } from '../queries.ts';
import { createUserInput } from '../schema.ts';

export const createUser = defineCommand('access.create-user', createUserInput, async ({ tx, now }, input) => {
  if (await findUserByEmail(tx, input.email)) {
    const message = 'An account with this e-mail address exists already.';
    throw new AppError('conflict', 'email_taken', message, [{ path: 'email', code: 'email_taken', message }]);
  }
  const name = input.name ?? input.email.split('@')[0]!;
  return insertAccount(tx, { email: input.email, name, roles: input.roles, password: input.password }, now);
});
