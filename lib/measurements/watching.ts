import type { Db } from '../../db/client.ts';
import { jobActor } from '../access/schema.ts';
import { type Rounds, startRounds } from '../base/rounds.ts';
import { addMs, HOUR_MS, MINUTE_MS } from '../base/time.ts';
import { execute } from '../shell/command.ts';
import { ACTION, noteSilence } from './commands/note-silence.ts';
import { listQuiet } from './queries.ts';

/** How often it is looked for data that stopped coming: waits are counted in hours and days. */
const LOOK_EVERY_MS = 10 * MINUTE_MS;
/** No contract allows less between two rows. */
const SHORTEST_WAIT_MS = HOUR_MS;

/** Looks at every model whose last file is a while ago, and puts on record which of them have fallen silent. */
export async function noteSilences(db: Db, now: Date): Promise<void> {
  const actor = jobActor('watch');
  for (const model of await listQuiet(db, addMs(now, -SHORTEST_WAIT_MS), ACTION))
    await execute(noteSilence, { model }, { db, actor, now });
}

/** Looks from time to time, until told to stop. */
export const startWatching = (db: Db): Rounds =>
  startRounds('watch', LOOK_EVERY_MS, () => noteSilences(db, new Date()));
