/** Work that is done time and again until it is stopped. */
export type Rounds = { stop(): Promise<void> };

/**
 * Does `work` every so many milliseconds, one round at a time. A round that fails is reported under its name, and the next one comes.
 * `stop` resolves when the round that was under way has ended.
 */
export function startRounds(name: string, everyMs: number, work: () => Promise<unknown>): Rounds {
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    running = running
      .then(work)
      .catch((error: unknown) => console.error(`${name}:`, error instanceof Error ? error.message : error));
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
