import type { Db } from '../../db/client.ts';
import { users } from '../../db/schema/access.ts';
import { newId } from '../base/ids.ts';
import { hashPassword } from './password.ts';
import { viewUser } from './queries.ts';
import type { Role } from './schema.ts';

type NewAccount = { email: string; name: string; roles: readonly Role[]; password: string | undefined };

/** Writes a new account, and says of it what its command hands back. Without a password nobody can sign in to it yet. */
export async function insertAccount(tx: Db, { email, name, roles, password }: NewAccount, now: Date) {
  const [user] = await tx
    .insert(users)
    .values({
      id: newId(),
      email,
      name,
      roles: [...new Set(roles)],
      passwordHash: password === undefined ? null : await hashPassword(password),
      createdAt: now,
    })
    .returning();
  const value = viewUser(user!);
  return {
    value,
    subject: { type: 'user', id: value.id },
    before: null,
    after: { email: value.email, name: value.name, roles: value.roles },
  };
}
