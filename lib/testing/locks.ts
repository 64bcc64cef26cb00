import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import type { Db } from '../../db/client.ts';

/** Comes back once somebody in this database waits for a lock; `db` is one outside the transaction that holds it. */
export async function someoneWaits(db: Db): Promise<void> {
  const waiting = () =>
    db.execute(sql`select 1 as one from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`);
  await expect.poll(async () => (await waiting()).length, { interval: 10, timeout: 2_000 }).toBeGreaterThan(0);
}
