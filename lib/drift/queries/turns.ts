import { AppError } from '../../shell/errors.ts';

/** Questions that may wait for the rows at once; a reader takes seconds and up to a gigabyte, so more would only time out. */
const WAITING_AT_MOST = 8;

let last: Promise<unknown> = Promise.resolve();
let waiting = 0;

/**
 * Runs work that reads stored rows for a single question, one after another in this process: many such questions must not take the
 * memory that uploads and pages need. Refuses with `busy` when the queue is long. Not to be nested.
 */
export async function takeTurn<T>(work: () => Promise<T>): Promise<T> {
  if (waiting >= WAITING_AT_MOST)
    throw new AppError('unavailable', 'busy', 'Many questions about rows are being answered; ask again in a minute.');
  waiting++;
  const turn = last.then(work);
  // The next one starts whether this one succeeds or fails.
  last = turn.catch(() => undefined);
  try {
    return await turn;
  } finally {
    waiting--;
  }
}
