/** Thrown to whoever comes when too many wait already. */
export class NoTurn extends Error {}

/**
 * Lets at most `atOnce` of some costly work run, and at most `waiting` wait for it; the others are turned away at once. Whoever leaves
 * while waiting makes room.
 */
export function turns(
  atOnce: number,
  waiting: number,
): <T>(work: () => Promise<T>, leaves?: AbortSignal) => Promise<T> {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (work, leaves) => {
    leaves?.throwIfAborted();
    if (running >= atOnce) {
      if (queue.length >= waiting) throw new NoTurn('Too many wait for their turn.');
      // Whoever ends hands the place over, so that nobody slips in between.
      await new Promise<void>((go, leave) => {
        queue.push(go);
        leaves?.addEventListener('abort', () => {
          const place = queue.indexOf(go);
          if (place >= 0) queue.splice(place, 1);
          leave(leaves.reason);
        });
      });
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
