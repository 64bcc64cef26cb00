import { and, eq, isNull, type SQL } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { auditEvents, idempotencyKeys } from '../../db/schema/audit.ts';
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
 * successes are kept, so that a refused request may be corrected and sent again. Once the work was done its key is never
 * given back, whether or not the answer could be kept.
 */
export async function withIdempotency(claim: Claim, work: () => Promise<Reply | Response>): Promise<Reply | Response> {
  const { db, actorId, key, now } = claim;
  if (key.length === 0 || key.length > KEY_MAX) {
    throw new AppError('malformed', 'idempotency_key_invalid', `Idempotency-Key must have 1 to ${KEY_MAX} characters.`);
  }
  const requestHash = sha256(`${claim.path}\n${sha256(claim.body)}`);
  const claimed = await db
    .insert(idempotencyKeys)
    .values({ actorId, key, requestHash, createdAt: now })
    .onConflictDoNothing()
    .returning();
  if (claimed.length === 0) {
    const kept = await answerOrTakeOver(claim, requestHash);
    if (kept) return kept;
  }
  // Whoever was so slow that another took over touches neither the other's claim nor its answer.
  const own = claimedAt(claim, now);
  const response = await work().catch(async (error: unknown) => {
    await db.delete(idempotencyKeys).where(own).catch(logUnkept);
    throw error;
  });
  await keepAnswer(claim, own, response).catch(logUnkept);
  return response;
}

/** @returns the first request's answer, or nothing where that one died before it did anything and the key is now ours */
async function answerOrTakeOver(claim: Claim, requestHash: string): Promise<Reply | undefined> {
  const { db, now } = claim;
  const [stored] = await db.select().from(idempotencyKeys).where(ofKey(claim));
  if (stored && stored.requestHash !== requestHash) {
    throw new AppError('refused', 'idempotency_key_reused', 'This Idempotency-Key was used with another request.');
  }
  if (stored?.response) return replay(stored.status ?? 200, stored.response);
  if (stored?.status) {
    const message = 'It was done; the answer held a secret that is shown only once.';
    throw new AppError('conflict', 'answer_shown_once', message);
  }
  if (stored && stored.createdAt < addMs(now, -ABANDONED_MS)) {
    if (await hasDone(claim, stored.createdAt))
      throw new AppError('conflict', 'answer_lost', 'It was done, but its answer was lost: read what is there now.');
    const taken = await db
      .update(idempotencyKeys)
      .set({ createdAt: now })
      .where(claimedAt(claim, stored.createdAt))
      .returning();
    if (taken.length > 0) return undefined;
  }
  throw new AppError('conflict', 'still_running', 'The first request with this Idempotency-Key is still running.');
}

/**
 * Whether the request that claimed a key at a moment has changed anything. Its commands write that moment into the trail, in
 * the transaction of what they change. Another request of the same sender in the same millisecond is taken for it as well:
 * rather not done again than done twice.
 */
async function hasDone({ db, actorId }: Claim, at: Date): Promise<boolean> {
  const [entry] = await db
    .select({ id: auditEvents.id })
    .from(auditEvents)
    .where(and(eq(auditEvents.at, at), eq(auditEvents.actorId, actorId)))
    .limit(1);
  return entry !== undefined;
}

async function keepAnswer({ db, secret }: Claim, own: SQL | undefined, response: Reply | Response): Promise<void> {
  const text = response instanceof Response ? await response.clone().text() : response.body;
  await db
    .update(idempotencyKeys)
    .set({ status: response.status, response: secret ? null : text })
    .where(own);
}

const ofKey = ({ actorId, key }: Claim) => and(eq(idempotencyKeys.actorId, actorId), eq(idempotencyKeys.key, key));
/** The key as one request holds it, without an answer yet: a takeover comes much later than the claim that it ends. */
const claimedAt = (claim: Claim, at: Date) =>
  and(ofKey(claim), isNull(idempotencyKeys.status), eq(idempotencyKeys.createdAt, at));

/** The caller gets what came of the request all the same. */
const logUnkept = (error: unknown): void => console.error('an Idempotency-Key could not be brought up to date:', error);

const replay = (status: number, body: string): Reply => ({
  status,
  headers: {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'idempotency-replayed': 'true',
  },
  body,
});
