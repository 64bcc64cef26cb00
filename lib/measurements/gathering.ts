import type { Db } from '../../db/client.ts';
import { type Rounds, startRounds } from '../base/rounds.ts';
import { SECOND_MS } from '../base/time.ts';
import { gather } from './spool.ts';

/** How long a logged inference waits for others to share its file: charts are by day, and a file has a price. */
const GATHER_EVERY_MS = 20 * SECOND_MS;

/** Makes batches of logged inferences from time to time, until told to stop. */
export const startGathering = (db: Db): Rounds =>
  startRounds('inference log', GATHER_EVERY_MS, () => gather(db, new Date()));
