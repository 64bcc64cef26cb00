import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectOptions } from '../../db/client.ts';
import { postgres } from '../../db/driver.ts';
import { openEmbedded } from '../../db/embedded.ts';
import { migrateDatabase } from '../../db/migrate.ts';

/** Once a run: one server, and on it the migrated template that every test file's database is a copy of. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = process.env.DATABASE_URL ? { url: process.env.DATABASE_URL, stop: async () => {} } : await ownServer();
  const template = `plumbline_template_${process.pid}`;
  const admin = postgres(server.url, { ...connectOptions(server.url), max: 1 });
  await admin`drop database if exists ${admin(template)} with (force)`;
  await admin`create database ${admin(template)}`;
  const templateUrl = new URL(server.url);
  templateUrl.pathname = `/${template}`;
  await migrateDatabase(templateUrl.href);
  // The workers inherit these; lib/testing/database.ts reads them.
  process.env.PLUMBLINE_TEST_SERVER = server.url;
  process.env.PLUMBLINE_TEST_TEMPLATE = template;

  return async () => {
    const left = await admin`select datname from pg_database where starts_with(datname, ${template})`;
    for (const { datname } of left) await admin`drop database if exists ${admin(datname)} with (force)`;
    await admin.end({ timeout: 5 });
    await server.stop();
  };
}

async function ownServer() {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-test-'));
  // These databases die with the run: they need not survive a power cut, and are half as slow without.
  const embedded = await openEmbedded(folder, { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' });
  return {
    url: embedded.url('postgres'),
    stop: async () => {
      await embedded.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
