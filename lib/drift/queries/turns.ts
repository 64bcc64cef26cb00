import { NoTurn, turns } from '../../base/turns.ts';
import { AppError } from '../../shell/errors.ts';

/** Questions that may wait for the rows at once; a reader takes seconds and up to a gigabyte, so more would only time out. */
const WAITING_AT_MOST = 7;

const turn = turns(1, WAITING_AT_MOST);

/**
 * Runs work that reads stored rows for a single question, one after another in this process: many such questions must not take the
 * memory that uploads and pages need. Refuses with `busy` when the queue is long. Not to be nested.
 * @param leaves aborts when nobody waits for the answer any more: the work is not begun then
 */
export async function takeTurn<T>(work: () => Promise<T>, leaves?: AbortSignal): Promise<T> {
  try {
    return await turn(work, leaves);
  } catch (error) {
    if (leaves?.aborted) throw new AppError('unavailable', 'left', 'Nobody waits for the answer any more.');
    if (!(error instanceof NoTurn)) throw error;
    throw new AppError('unavailable', 'busy', 'Many questions about rows are being answered; ask again in a minute.');
  }
}
