/**
 * Reads that ask for the same thing at the same moment, made once. Who comes while a read is under way does not take its
 * answer, which may be older than the question, but shares the next one: no caller is told less than a read of its own would.
 */
export function sharedRead<V>(read: (key: string) => Promise<V>): (key: string) => Promise<V> {
  const running = new Map<string, Promise<unknown>>();
  const next = new Map<string, Promise<V>>();

  async function start(key: string): Promise<V> {
    const answer = read(key);
    running.set(key, answer);
    try {
      return await answer;
    } finally {
      if (running.get(key) === answer) running.delete(key);
    }
  }

  return (key) => {
    const shared = next.get(key);
    if (shared) return shared;
    const current = running.get(key);
    if (!current) return start(key);
    const go = () => {
      next.delete(key);
      return start(key);
    };
    const following = current.then(go, go);
    next.set(key, following);
    return following;
  };
}
