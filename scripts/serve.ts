import { createDb, poolSize } from '../db/client.ts';
import { type Embedded, openEmbedded } from '../db/embedded.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { becomeSoleApplication } from '../db/sole-application.ts';
import { prepare, startWorker } from '../lib/worker/boot.ts';
import { readEnvironment, type Settings } from './environment.ts';
import { step } from './prepare.mjs';
import { startWeb } from './web.ts';

/** What has to be ended, in the order of its beginning. */
const open: { name: string; end: () => Promise<unknown> }[] = [];
let stoppingSince = 0;

/** npm repeats a terminal's Ctrl-C: what comes this soon is the same wish, not a second one. */
const sameSignalMs = 1_000;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(0));
// `npm start` was killed: nobody would be left to send us a signal.
if (process.send) process.on('disconnect', () => stop(0));

try {
  await start(readEnvironment(process.env));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (process.env.PLUMBLINE_DEBUG) console.error(error);
  await stop(1);
}

async function start(settings: Settings): Promise<void> {
  const { env, role, dataDir } = settings;
  if (!settings.databaseUrl)
    env.DATABASE_URL = await step('Opened the embedded database', () => openDataFolder(dataDir));
  const databaseUrl = env.DATABASE_URL!;
  // The jobs and next-auth read the same variables as the web server.
  Object.assign(process.env, env);
  await step('Brought the schema up to date', () => migrateDatabase(env.DATABASE_URL_DIRECT || databaseUrl));

  const jobs = createDb({ url: databaseUrl, max: poolSize.jobs, name: 'plumbline jobs', statementTimeoutMs: 0 });
  open.push({ name: 'pool', end: jobs.close });
  await prepare({ db: jobs.db, env, step });
  if (stoppingSince) return;

  if (role !== 'web') {
    const worker = await startWorker({ databaseUrl, db: jobs.db, dataDir });
    open.push({ name: 'worker', end: worker.stop });
  }
  if (role !== 'worker') {
    const web = startWeb(settings);
    open.push({ name: 'web', end: web.stop });
    await step('Started the web server', web.ready);
  }
  if (!stoppingSince)
    console.log(role === 'worker' ? 'Plumbline works on its jobs.' : `Plumbline is ready: ${env.PLUMBLINE_ORIGIN}`);
}

async function openDataFolder(dataDir: string): Promise<string> {
  const server = await openEmbedded(dataDir);
  const lock = await keepSole(server);
  // Whoever holds the lock stops the server; a refused second application must leave it running.
  open.push({
    name: 'database',
    end: async () => {
      await lock.release();
      await server.stop();
    },
  });
  return server.url();
}

/** Holds the folder's lock; when its session breaks, the server died and is started again under our pools. */
async function keepSole(server: Embedded): Promise<{ release(): Promise<void> }> {
  let current = await becomeSoleApplication(server.url(), () => void recover());
  async function recover(): Promise<void> {
    if (stoppingSince) return;
    console.error('The embedded database was lost; starting it again.');
    try {
      await current.release();
      await server.ensure();
      current = await becomeSoleApplication(server.url(), () => void recover());
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      await stop(1);
    }
  }
  return { release: () => current.release() };
}

async function stop(code: number): Promise<void> {
  if (stoppingSince) {
    if (Date.now() - stoppingSince < sameSignalMs) return;
    console.error('Stopping at once.');
    process.exit(1);
  }
  stoppingSince = Date.now();
  for (const { name, end } of open.reverse()) {
    await end().catch((error) => console.error(`The ${name} did not stop cleanly: ${error.message}`));
  }
  process.exit(code);
}
