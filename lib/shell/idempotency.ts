import { and, eq, isNull } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { idempotencyKeys } from '../../db/schema/audit.ts';
import { sha256 } from '../base/hash.ts';
import { addMs, MINUTE_MS } from '../base/time.ts';
import { AppError } from './errors.ts';
import type { Reply } from './exchange.ts';

const KEY_MAX = 200;
/** A claim older than this belongs to a process that died before it answered. */
const ABANDONED_MS = MINUTE_MS;

type Claim = { db: Db; actorId: string; key: string; now: Date; path: string; body: Uint8Array; secret: boolean };

/**
 * Same key and body: the stored answer; other body: 422; still running: 409 (IETF draft "Idempotency-Key"). Only
 * successes are kept, so that a refused request may be corrected and sent again.
 */
export async function withIdempotency(claim: Claim, work: () => Promise<Reply | Response>): Promise<Reply | Response> {
  const { db, actorId, key, now } = claim;
  if (key.length === 0 || key.length > KEY_MAX) {
    throw new AppError('malformed', 'idempotency_key_invalid', `Idempotency-Key must have 1 to ${KEY_MAX} characters.`);
  }
  const requestHash = sha256(`${claim.path}\n${sha256(claim.body)}`);
  const mine = and(eq(idempotencyKeys.actorId, actorId), eq(idempotencyKeys.key, key));
  const claimed = await db
    .insert(idempotencyKeys)
    .values({ actorId, key, requestHash, createdAt: now })
    .onConflictDoNothing()
    .returning();
  if (claimed.length === 0) {
    const [stored] = await db.select().from(idempotencyKeys).where(mine);
    if (stored && stored.requestHash !== requestHash) {
      throw new AppError('refused', 'idempotency_key_reused', 'This Idempotency-Key was used with another request.');
    }
    if (stored?.response) return replay(stored.status ?? 200, stored.response);
    if (stored?.status)
      throw new AppError(
        'conflict',
        'answer_shown_once',
        'It was done; the answer held a secret that is shown only once.',
      );
    const abandoned = stored && stored.createdAt < addMs(now, -ABANDONED_MS);
    const taken = abandoned
      ? await db
          .update(idempotencyKeys)
          .set({ createdAt: now })
          .where(and(mine, isNull(idempotencyKeys.status), eq(idempotencyKeys.createdAt, stored.createdAt)))
          .returning()
      : [];
    if (taken.length === 0)
      throw new AppError('conflict', 'still_running', 'The first request with this Idempotency-Key is still running.');
  }
  try {
    const response = await work();
    const text = response instanceof Response ? await response.clone().text() : response.body;
    await db
      .update(idempotencyKeys)
      .set({ status: response.status, response: claim.secret ? null : text })
      .where(mine);
    return response;
  } catch (error) {
    await db.delete(idempotencyKeys).where(mine);
    throw error;
  }
}

const replay = (status: number, body: string): Reply => ({
  status,
  headers: {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'idempotency-replayed': 'true',
  },
  body,
});
