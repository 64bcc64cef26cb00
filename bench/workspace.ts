// A database and a data folder of a benchmark's own, gone afterwards.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, getDatabase } from '../db/client.ts';
import { openEmbedded } from '../db/embedded.ts';
import { migrateDatabase } from '../db/migrate.ts';

export type Bench = Database & { folder: string; end(): Promise<void> };

/** Opens an embedded Postgres on an empty folder and brings its schema up to date; the product's code then uses it. */
export async function openBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'));
  const server = await openEmbedded(folder);
  await migrateDatabase(server.url());
  Object.assign(process.env, {
    DATABASE_URL: server.url(),
    AUTH_SECRET: 'a secret of this benchmark alone',
    PLUMBLINE_DATA_DIR: folder,
  });
  const database = getDatabase();
  const end = async () => {
    await database.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...database, folder, end };
}
