import { count } from 'drizzle-orm';
import * as z from 'zod';
import type { Db } from '../../db/client.ts';
import { tokens, users } from '../../db/schema/access.ts';
import { createUser } from '../access/commands/create-user.ts';
import { findUserByEmail } from '../access/queries.ts';
import { jobActor, SCOPES } from '../access/schema.ts';
import { sha256 } from '../base/hash.ts';
import { newId } from '../base/ids.ts';
import { execute } from '../shell/command.ts';

const headlessToken = z
  .string()
  .regex(
    /^[\x21-\x7e]{32,200}$/,
    'PLUMBLINE_INIT_ADMIN_TOKEN must have 32 to 200 printable characters without spaces.',
  );

/**
 * The first administrator, from the environment, once and only when absent. Without it, and without anybody, a line
 * says how to make one.
 */
export async function bootstrap(db: Db, env: NodeJS.ProcessEnv): Promise<string | null> {
  const {
    PLUMBLINE_INIT_ADMIN_EMAIL: email,
    PLUMBLINE_INIT_ADMIN_PASSWORD: password,
    PLUMBLINE_INIT_ADMIN_TOKEN: token,
  } = env;
  const actor = jobActor('set-up');
  if (email && !(await findUserByEmail(db, email))) {
    await execute(
      createUser,
      { email, name: 'Administrator', roles: ['admin'], ...(password ? { password } : {}) },
      { db, actor },
    );
  }
  if (email && token) await keepToken(db, email, token);
  const [held] = await db.select({ n: count() }).from(users);
  if ((held?.n ?? 0) > 0 || env.PLUMBLINE_DEMO === '1') return null;
  return 'Nobody can sign in yet: start once with PLUMBLINE_INIT_ADMIN_EMAIL and PLUMBLINE_INIT_ADMIN_PASSWORD set.';
}

async function keepToken(db: Db, email: string, token: string): Promise<void> {
  const secret = headlessToken.parse(token);
  const owner = await findUserByEmail(db, email);
  if (!owner) return;
  await db
    .insert(tokens)
    .values({
      id: newId(),
      userId: owner.id,
      name: 'Set-up token',
      secretHash: sha256(secret),
      hint: 'set-up',
      scopes: [...SCOPES],
      createdAt: new Date(),
    })
    .onConflictDoNothing();
}
