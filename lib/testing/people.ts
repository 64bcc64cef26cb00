import type { Db } from '../../db/client.ts';
import { createUser } from '../access/commands/create-user.ts';
import { type Actor, jobActor, type Role } from '../access/schema.ts';
import { execute } from '../shell/command.ts';

/** Somebody with an account, as the actor a session of theirs would be. */
export async function person(db: Db, name: string, roles: Role[]): Promise<Actor> {
  const email = `${name}@test.local`;
  const { id } = await execute(createUser, { email, name, roles }, { db, actor: jobActor('test') });
  return { kind: 'user', id, name, email, roles, scopes: null };
}
