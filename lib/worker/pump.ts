import type { Sql } from 'postgres';
import { fanOut, type News } from '../notifications/fan-out.ts';

/** Beside the locks of migration (…401) and of the sole application (…402): all three are held at once. */
const PUMP_LOCK = 7_203_403;
const ROUND_MS = 250;
const BATCH = 200;

export type PendingJob = { outboxId: number; name: string; data: Record<string, unknown> };

/**
 * Publishes what was committed: hands out live positions in the order in which rows became visible, and turns job rows
 * into jobs, and news into webhook deliveries. One pump at a time holds the lock, so positions never go back. A crash between a job's sending and the
 * commit repeats it, under the same id; nothing is lost.
 */
export function startPump(sql: Sql, send: (job: PendingJob) => Promise<void>): { stop(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const round = async (): Promise<number> =>
    sql.begin(async (tx) => {
      const [lock] = await tx<{ held: boolean }[]>`select pg_try_advisory_xact_lock(${PUMP_LOCK}) as held`;
      if (!lock?.held) return 0;
      const rows = await tx<(News & { job: string | null })[]>`
        select id, at, key, subject_type, subject_id, model, job, payload from outbox where position is null order by id limit ${BATCH}`;
      for (const row of rows) {
        if (row.job)
          await send({
            outboxId: Number(row.id),
            name: row.job,
            data: JSON.parse(row.payload ?? '{}') as Record<string, unknown>,
          });
      }
      await fanOut(
        tx,
        rows.filter((row) => row.job === null),
      );
      // What was told has its deliveries now: its text is kept no longer, unlike a job's.
      if (rows.length > 0)
        await tx`update outbox o set position = n.position, payload = case when o.job is null then null else o.payload end
          from (select id, nextval('outbox_positions') as position from unnest(${rows.map((row) => row.id)}::bigint[]) as id) n
          where o.id = n.id`;
      return rows.length;
    });
  const loop = async (): Promise<void> => {
    let published = 0;
    try {
      published = await round();
    } catch (error) {
      if (!stopped) console.error('outbox pump:', error instanceof Error ? error.message : error);
    }
    if (!stopped) timer = setTimeout(start, published === BATCH ? 0 : ROUND_MS);
  };
  let running = Promise.resolve();
  const start = () => {
    running = loop();
  };
  start();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
