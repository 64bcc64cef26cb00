import { count, sql } from 'drizzle-orm';
import { users } from '../../../db/schema/access.ts';
import { defineCommand } from '../../shell/command.ts';
import { AppError, conflict } from '../../shell/errors.ts';
import { authSecret } from '../../shell/session.ts';
import { insertAccount } from '../account.ts';
import { setUpInput } from '../schema.ts';
import { isSetUpToken } from '../set-up.ts';

/** Makes the first account, an administrator, for whoever holds the printed link. Of two at once one is told it is too late. */
export const setUp = defineCommand('access.set-up', setUpInput, async ({ tx, now }, input) => {
  if (!isSetUpToken(authSecret(), input.token, now)) {
    throw new AppError(
      'forbidden',
      'set_up_link_invalid',
      'This link has expired or was not made by this server. Start Plumbline again: it prints a new one.',
    );
  }
  await tx.execute(sql`lock table ${users} in share row exclusive mode`);
  const [held] = await tx.select({ n: count() }).from(users);
  if ((held?.n ?? 0) > 0) throw conflict('already_set_up', 'Somebody has an account already: sign in.');
  return insertAccount(tx, { ...input, roles: ['admin'] }, now);
});
