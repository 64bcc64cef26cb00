import { randomBytes } from 'node:crypto';
import { afterAll } from 'vitest';
import { connectOptions, createDb, type Database } from '../../db/client.ts';
import { postgres } from '../../db/driver.ts';

/** Enough for a race of eight; four files at once stay below a server's usual hundred. */
const connections = 8;

/** A database of the calling test file's own, with the real schema; gone when the file is done. */
export async function testDatabase(): Promise<Database> {
  const server = process.env.PLUMBLINE_TEST_SERVER;
  const template = process.env.PLUMBLINE_TEST_TEMPLATE;
  if (!server || !template) throw new Error('Run with lib/vitest.config.ts: its global setup starts the server.');
  const admin = postgres(server, { ...connectOptions(server), max: 1 });
  // The template's name in front: the run's end sweeps away what a broken-off file left.
  const name = `${template}_${randomBytes(6).toString('hex')}`;
  await admin`create database ${admin(name)} template ${admin(template)}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  const database = createDb({ url: url.href, max: connections, name: 'plumbline test' });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= (async () => {
      await database.close();
      await admin`drop database if exists ${admin(name)} with (force)`;
      await admin.end({ timeout: 5 });
    })();
    return closed;
  };
  afterAll(close);
  return { ...database, close };
}
