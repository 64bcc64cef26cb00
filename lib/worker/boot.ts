import { PgBoss } from 'pg-boss';
import { createDb, type Db } from '../../db/client.ts';
import { loadDemo } from '../../db/demo/load.ts';
import { startRefreshing } from '../board/documents.ts';
import { importNamed, runImport } from '../imports/jobs.ts';
import { evaluateModel, processBatch } from '../incidents/jobs.ts';
import { startGathering } from '../measurements/gathering.ts';
import { removeFiles } from '../measurements/jobs.ts';
import { startWatching } from '../measurements/watching.ts';
import { startDelivery } from '../notifications/jobs.ts';
import { bootstrap } from './bootstrap.ts';
import { startHousekeeping } from './housekeeping.ts';
import { startPump } from './pump.ts';

type Step = <T>(name: string, run: () => Promise<T> | T) => Promise<T>;

/** What must be in the database before the first request: the first administrator, the demo workspace. */
export async function prepare({ db, env, step }: { db: Db; env: NodeJS.ProcessEnv; step: Step }): Promise<void> {
  const notice = await step('accounts', () => bootstrap(db, env));
  if (notice) console.log(notice);
  if (env.PLUMBLINE_DEMO === '1') await loadDemo(db, step);
}

const POLLING = { pollingIntervalSeconds: 0.5, localConcurrency: 1 };

const QUEUES = {
  'process-batch': (db: Db, data: { batchId: string; again?: boolean }) =>
    processBatch(db, data.batchId, data.again ?? false),
  evaluate: (db: Db, data: { model: string }) => evaluateModel(db, data.model),
  import: (db: Db, data: { importId: string }) => runImport(db, data.importId),
  'remove-files': (_: Db, data: { uploads: string[] }) => removeFiles(data.uploads),
  'import-model': (db: Db, data: { importId: string; model: string }) => importNamed(db, data.importId, data.model),
};

const QUEUE_SECONDS = 600;
/** With half a minute between two, a bucket may be away for five hours before an upload is left lying. */
const FILE_TRIES = 600;
const OF_FILES = new Set(['process-batch', 'remove-files']);
/** A registry of many thousand models is read over hours; a worker that dies is missed by its heartbeat. */
const IMPORT_SECONDS = 23 * 3600;

/** The outbox pump and the job queues of this process. */
export async function startWorker({
  databaseUrl,
  db,
}: {
  databaseUrl: string;
  db: Db;
  dataDir: string;
}): Promise<{ stop(): Promise<void> }> {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    max: 2,
    application_name: 'plumbline queue',
    monitorIntervalSeconds: 5,
  });
  boss.on('error', (error) => console.error('job queue:', error.message));
  await boss.start();
  for (const name of Object.keys(QUEUES)) {
    // The default leaves a killed worker's jobs active for a quarter of an hour.
    await boss.createQueue(name, {
      heartbeatSeconds: 10,
      retryLimit: OF_FILES.has(name) ? FILE_TRIES : 12,
      retryDelay: 2,
      retryBackoff: true,
      retryDelayMax: 30,
      expireInSeconds: name === 'import' ? IMPORT_SECONDS : QUEUE_SECONDS,
    });
  }
  await boss.work<{ batchId: string; again?: boolean }>('process-batch', POLLING, ([job]) =>
    QUEUES['process-batch'](db, job!.data),
  );
  await boss.work<{ model: string }>('evaluate', POLLING, ([job]) => QUEUES.evaluate(db, job!.data));
  await boss.work<{ uploads: string[] }>('remove-files', POLLING, ([job]) => QUEUES['remove-files'](db, job!.data));
  await boss.work<{ importId: string }>('import', POLLING, ([job]) => QUEUES.import(db, job!.data));
  await boss.work<{ importId: string; model: string }>('import-model', POLLING, ([job]) =>
    QUEUES['import-model'](db, job!.data),
  );
  const pumping = createDb({ url: databaseUrl, max: 1, name: 'plumbline pump' });
  const pump = startPump(pumping.sql, async ({ name, data }) => {
    await boss.send(name, data);
  });
  const delivery = startDelivery(db);
  const gathering = startGathering(db);
  const watching = startWatching(db);
  const refreshing = startRefreshing(db);
  const housekeeping = startHousekeeping(db);
  return {
    async stop() {
      await pump.stop();
      await delivery.stop();
      await gathering.stop();
      await watching.stop();
      await refreshing.stop();
      await housekeeping.stop();
      await pumping.close();
      await boss.stop({ graceful: true, timeout: 5000 });
    },
  };
}
