import type { Db } from '../../db/client.ts';

type Step = <T>(name: string, run: () => Promise<T> | T) => Promise<T>;

/** What must be in the database before the first request: the first administrator, the demo workspace. */
export async function prepare(_start: { db: Db; env: NodeJS.ProcessEnv; step: Step }): Promise<void> {}

/** The outbox pump and the job queues of this process. */
export async function startWorker(_start: {
  databaseUrl: string;
  db: Db;
  dataDir: string;
}): Promise<{ stop(): Promise<void> }> {
  return { stop: async () => {} };
}
