import type { Db } from '../../db/client.ts';
import { type Rounds, startRounds } from '../base/rounds.ts';
import { GATHER_EVERY_MS, gather } from './spool.ts';

/** Makes batches of logged inferences from time to time, until told to stop. */
export const startGathering = (db: Db): Rounds =>
  startRounds('inference log', GATHER_EVERY_MS, () => gather(db, new Date()));
