import { count } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { users } from '../../db/schema/access.ts';
import { createUser } from '../access/commands/create-user.ts';
import { keepToken } from '../access/commands/keep-token.ts';
import { findUserByEmail } from '../access/queries.ts';
import { jobActor } from '../access/schema.ts';
import { SET_UP_MINUTES, setUpToken } from '../access/set-up.ts';
import { execute } from '../shell/command.ts';
import { asAppError } from '../shell/http.ts';
import { authSecret } from '../shell/session.ts';

/**
 * The first administrator, from the environment, once and only when absent. Without it, and without anybody, a line
 * with a link that makes one. The link's token stands behind the #, which no browser sends and no proxy logs.
 */
export async function bootstrap(db: Db, env: NodeJS.ProcessEnv): Promise<string | null> {
  const {
    PLUMBLINE_INIT_ADMIN_EMAIL: email,
    PLUMBLINE_INIT_ADMIN_PASSWORD: password,
    PLUMBLINE_INIT_ADMIN_TOKEN: token,
  } = env;
  const actor = jobActor('set-up');
  if (email && !(await findUserByEmail(db, email))) {
    const first = { email, name: 'Administrator', roles: ['admin'], ...(password ? { password } : {}) };
    await execute(createUser, first, { db, actor }).catch(async (error: unknown) => {
      // Another process that started at the same moment was quicker: the account is there, which is all that was wanted.
      const { code } = asAppError(error);
      if (!['email_taken', 'already_exists'].includes(code) || !(await findUserByEmail(db, email))) throw error;
    });
  }
  if (email && token) await execute(keepToken, { email, secret: token }, { db, actor });
  const [held] = await db.select({ n: count() }).from(users);
  if ((held?.n ?? 0) > 0 || env.PLUMBLINE_DEMO === '1') return null;
  const link = `${env.PLUMBLINE_ORIGIN}/sign-in#set-up=${setUpToken(authSecret(), new Date())}`;
  return `Nobody has an account yet. This link makes the first administrator, within ${SET_UP_MINUTES} minutes:\n${link}`;
}
