import { and, eq } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { batches } from '../../db/schema/measurements.ts';
import { grouped } from '../base/figures.ts';
import type { Progress } from './job.ts';
import type { BatchRow } from './queries.ts';

/** How soon a reader hears that its batch was cancelled, which may have been told to another process. */
const LOOK_EVERY_MS = 400;
/** A reader reports more often than anybody looks. */
const NOTE_EVERY_MS = 250;

export type Stage = { stage: Progress['stage'] | 'judging'; rows?: number | null; windows?: number | undefined };

/** What is being done with a batch, in words: "counting: 120 000 rows, 31 windows". */
export function progressWords({ stage, rows, windows }: Stage): string {
  const many = (n: number, what: string) => `${grouped(String(n))} ${what}${n === 1 ? '' : 's'}`;
  const done = [rows ? many(rows, 'row') : '', windows ? many(windows, 'window') : ''].filter(Boolean);
  return done.length > 0 ? `${stage}: ${done.join(', ')}` : stage;
}

/** Progress for whoever watches; losing one line of it is harmless. */
export async function noteProgress(db: Db, batchId: string, stage: Stage): Promise<void> {
  await db
    .update(batches)
    .set({ progress: progressWords(stage) })
    .where(and(eq(batches.id, batchId), eq(batches.state, 'processing')))
    .catch(() => undefined);
}

/** Notes how far the reading of a batch is, and aborts it when somebody cancels the batch. Until it is stopped. */
export function followBatch(
  db: Db,
  { id }: BatchRow,
): { signal: AbortSignal; onProgress: (progress: Progress) => void; stop: () => void } {
  const cancelled = new AbortController();
  let [notedAt, stage, looking] = [0, '', false];
  const look = async () => {
    if (looking) return;
    looking = true;
    const [row] = await db
      .select({ state: batches.state })
      .from(batches)
      .where(eq(batches.id, id))
      .catch(() => []);
    if (row?.state === 'cancelled') cancelled.abort();
    looking = false;
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return {
    signal: cancelled.signal,
    onProgress: (progress) => {
      const now = performance.now();
      if (progress.stage === stage && now - notedAt < NOTE_EVERY_MS) return;
      [notedAt, stage] = [now, progress.stage];
      void noteProgress(db, id, progress);
    },
    stop: () => clearInterval(timer),
  };
}
