import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectOptions } from './client.ts';
import { postgres } from './driver.ts';

const applicationLock = 7_203_402;
/** A killed holder's lock is freed when the server notices its closed socket. */
const patienceMs = 1_000;

/**
 * One application at a time on an embedded data folder: two would each stop the database under the other. The lock belongs to a session,
 * so the server frees it whatever way its holder dies. `onLost` runs when the session ends without our wish.
 */
export async function becomeSoleApplication(url: string, onLost: () => void): Promise<{ release(): Promise<void> }> {
  let released = false;
  const sql = postgres(url, {
    ...connectOptions(url),
    max: 1,
    // A session replaced for its age would lose the lock.
    max_lifetime: null,
    idle_timeout: 0,
    connection: { application_name: `plumbline on ${hostname().slice(0, 30)}, process ${process.pid}` },
    onclose: () => {
      if (!released) onLost();
    },
  });
  const release = () => {
    released = true;
    return sql.end({ timeout: 1 });
  };
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const [row] = await sql`select pg_try_advisory_lock(${applicationLock}) as mine`;
    if (row!.mine) return { release };
    if (Date.now() > deadline) break;
    await sleep(100);
  }
  const [holder] = await sql`
    select a.application_name as name from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.granted and l.objid = ${applicationLock}`;
  await release();
  throw new Error(
    `This data folder is in use by ${holder?.name ?? 'another application'}. Stop it, or choose another folder with PLUMBLINE_DATA_DIR.`,
  );
}
