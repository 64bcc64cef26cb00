import { createHmac, randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { signInFailures, type users } from '../../db/schema/access.ts';
import { decoyHash, verifyPassword } from './password.ts';
import { countSignInFailures, findUserByEmail } from './queries.ts';
import { SIGN_IN_MAX_PER_ADDRESS, SIGN_IN_MAX_PER_EMAIL } from './rules.ts';

type UserRow = typeof users.$inferSelect;
type Given<A> = { email: string; password: string; address: A };
export type PasswordCheck =
  | { ok: true; user: UserRow }
  | { ok: false; code: 'wrong_credentials' | 'too_many_attempts'; userId: string | null };

/**
 * Checks an account's password, counting the failures of the account and of the address. The account's lock is held to
 * the end of the transaction, so that parallel guesses cannot pass the limit together. An unknown account costs as much
 * time as a known one.
 */
export async function checkPassword(
  tx: Db,
  { email, password, address }: Given<string | null>,
  now: Date,
): Promise<PasswordCheck> {
  const emailKey = `email:${email.trim().toLowerCase()}`;
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${emailKey}, 0))`);
  const byEmail = await countSignInFailures(tx, emailKey, now);
  const byAddress = address === null ? 0 : await countSignInFailures(tx, `address:${address}`, now);
  if (byEmail >= SIGN_IN_MAX_PER_EMAIL || byAddress >= SIGN_IN_MAX_PER_ADDRESS)
    return { ok: false, code: 'too_many_attempts', userId: null };
  const user = await findUserByEmail(tx, email);
  const matches = await verifyPassword(password, user?.passwordHash ?? (await decoyHash()));
  if (user && matches && user.passwordHash !== null && !user.disabledAt) return { ok: true, user };
  const keys = address === null ? [emailKey] : [emailKey, `address:${address}`];
  await tx.insert(signInFailures).values(keys.map((key) => ({ key, at: now })));
  return { ok: false, code: 'wrong_credentials', userId: user?.id ?? null };
}

const REMEMBERED_MS = 60_000;
const REMEMBERED_MAX = 1_000;
const memoryKey = randomBytes(32);
const remembered = new Map<string, number>();

/**
 * The account of a password that a script sends with every request. A right pair is remembered for a minute, as a keyed
 * hash in this process alone: argon2 on each of a client's calls would cost more than the calls. The account is read
 * every time, so a changed password or a closed account counts at once.
 */
export async function checkScriptPassword(db: Db, given: Given<string>, now: Date): Promise<PasswordCheck> {
  const { email, password } = given;
  const user = await findUserByEmail(db, email);
  const pair = createHmac('sha256', memoryKey)
    .update(JSON.stringify([user?.id, user?.passwordHash, password]))
    .digest('base64');
  const until = remembered.get(pair) ?? 0;
  if (user?.passwordHash && !user.disabledAt && until > now.getTime()) return { ok: true, user };
  const check = await db.transaction((tx) => checkPassword(tx as Db, given, now));
  if (check.ok) {
    const [oldest] = remembered.keys();
    if (remembered.size >= REMEMBERED_MAX && oldest !== undefined) remembered.delete(oldest);
    remembered.set(pair, now.getTime() + REMEMBERED_MS);
  }
  return check;
}
