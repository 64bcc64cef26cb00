import { lt, sql } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { sessions, signInFailures } from '../../db/schema/access.ts';
import { idempotencyKeys } from '../../db/schema/audit.ts';
import { type Rounds, startRounds } from '../base/rounds.ts';
import { addMs, DAY_MS, HOUR_MS } from '../base/time.ts';
import { REPLAY_MAX } from '../live/stream.ts';

/** A request that is sent again after a day is another one. */
const KEYS_KEPT_MS = DAY_MS;
/** Longer than any failure counts, or anybody asks about an ended session. */
const SIGN_INS_KEPT_MS = 7 * DAY_MS;
const NEWS_KEPT_MS = 7 * DAY_MS;
/** Whoever is further behind than a replay reads the screen anew: what is twice as old is asked for by nobody. */
const NEWS_KEPT = 2 * REPLAY_MAX;
/** Deleted by one statement, so that none of them takes long. */
const AT_ONCE = 10_000;

/** Forgets what is of no use to anybody any more, save the trail, which is for ever: what was handed on, and what has expired. */
export async function keepHouse(db: Db, now: Date): Promise<void> {
  await db.delete(idempotencyKeys).where(lt(idempotencyKeys.createdAt, addMs(now, -KEYS_KEPT_MS)));
  await db.delete(signInFailures).where(lt(signInFailures.at, addMs(now, -SIGN_INS_KEPT_MS)));
  await db.delete(sessions).where(lt(sessions.expiresAt, addMs(now, -SIGN_INS_KEPT_MS)));
  for (let more = true; more; ) more = (await forgetNews(db, addMs(now, -NEWS_KEPT_MS))) === AT_ONCE;
}

/** Rows of the outbox that were published long ago and that the documents of the catalogue's search are past; returns how many. */
async function forgetNews(db: Db, before: Date): Promise<number> {
  const gone = await db.execute(sql`
    delete from outbox where id in (
      select id from outbox
      where at < ${before.toISOString()}::timestamptz
        and position < (select least((select max(position) from outbox) - ${NEWS_KEPT}, s.position) from search_state s)
      order by position limit ${AT_ONCE})
    returning 1 as one`);
  return gone.length;
}

export const startHousekeeping = (db: Db): Rounds =>
  startRounds('housekeeping', HOUR_MS, () => keepHouse(db, new Date()));
