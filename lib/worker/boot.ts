import { PgBoss } from 'pg-boss';
import { createDb, type Db, poolSize } from '../../db/client.ts';
import { loadDemo } from '../../db/demo/load.ts';
import { evaluateModel, processBatch } from '../incidents/jobs.ts';
import { bootstrap } from './bootstrap.ts';
import { startPump } from './pump.ts';

type Step = <T>(name: string, run: () => Promise<T> | T) => Promise<T>;

/** What must be in the database before the first request: the first administrator, the demo workspace. */
export async function prepare({ db, env, step }: { db: Db; env: NodeJS.ProcessEnv; step: Step }): Promise<void> {
  const notice = await step('accounts', () => bootstrap(db, env));
  if (notice) console.log(notice);
  if (env.PLUMBLINE_DEMO === '1') await loadDemo(db, step);
}

const QUEUES = {
  'process-batch': (db: Db, data: { batchId: string }, again: boolean) => processBatch(db, data.batchId, again),
  evaluate: (db: Db, data: { model: string }) => evaluateModel(db, data.model),
};

/** The outbox pump and the job queues of this process. */
export async function startWorker({
  databaseUrl,
}: {
  databaseUrl: string;
  db: Db;
  dataDir: string;
}): Promise<{ stop(): Promise<void> }> {
  // A job reads and writes for longer than a screen may wait.
  const jobs = createDb({ url: databaseUrl, max: poolSize.jobs, name: 'plumbline jobs', statementTimeoutMs: 120_000 });
  const boss = new PgBoss({
    connectionString: databaseUrl,
    max: 2,
    application_name: 'plumbline queue',
    monitorIntervalSeconds: 5,
  });
  boss.on('error', (error) => console.error('job queue:', error.message));
  await boss.start();
  for (const name of Object.keys(QUEUES)) {
    await boss.createQueue(name, {
      heartbeatSeconds: 10,
      retryLimit: 5,
      retryDelay: 2,
      retryBackoff: true,
      expireInSeconds: 600,
    });
  }
  const work = { pollingIntervalSeconds: 0.5, localConcurrency: 1 };
  await boss.work<{ batchId: string; again?: boolean }>('process-batch', work, async ([job]) => {
    if (job) await QUEUES['process-batch'](jobs.db, job.data, job.data.again ?? false);
  });
  await boss.work<{ model: string }>('evaluate', work, async ([job]) => {
    if (job) await QUEUES.evaluate(jobs.db, job.data);
  });
  const pump = startPump(jobs.sql, async ({ name, data }) => {
    await boss.send(name, data);
  });
  return {
    async stop() {
      await pump.stop();
      await boss.stop({ graceful: true, timeout: 5000 });
      await jobs.close();
    },
  };
}
