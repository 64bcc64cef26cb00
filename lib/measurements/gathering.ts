import type { Db } from '../../db/client.ts';
import { SECOND_MS } from '../base/time.ts';
import { gather } from './spool.ts';

/** How long a logged inference waits for others to share its file: charts are by day, and a file has a price. */
const GATHER_EVERY_MS = 20 * SECOND_MS;

/** Makes batches of logged inferences from time to time, until told to stop. */
export function startGathering(db: Db): { stop(): Promise<void> } {
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running
      .then(() => gather(db, new Date()))
      .then(() => undefined)
      .catch((error: unknown) => console.error('inference log:', error instanceof Error ? error.message : error));
  }, GATHER_EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
