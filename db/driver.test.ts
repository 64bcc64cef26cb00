import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { testDatabase } from '../lib/testing/database.ts';
import { createDb } from './client.ts';
import { correctDriver } from './driver.ts';

test('both corrections still find their place in the installed driver', () => {
  const source = readFileSync(
    createRequire(import.meta.url)
      .resolve('postgres')
      .replace('index.js', 'connection.js'),
    'utf8',
  );
  const corrected = correctDriver(source);
  expect(corrected).toContain('if (!socket) {');
  expect(corrected.match(/chunk = nextWriteTimer = null/g)).toHaveLength(3);
});

test('backends killed under load cost their transactions, not the process and not a pool slot', async () => {
  const { sql, url } = await testDatabase();
  const killer = createDb({ url, max: 1, name: 'killer' });
  const uncaught: Error[] = [];
  const listen = (error: Error) => uncaught.push(error);
  process.on('uncaughtException', listen);
  await sql`create table written (i int)`;
  let [stopped, acknowledged] = [false, 0];
  const write = async () => {
    while (!stopped) {
      await sql
        .begin(async (tx) => {
          await tx`insert into written values (1)`;
          await tx`select 1`;
        })
        .then(
          () => {
            acknowledged += 1;
          },
          () => sleep(5),
        );
    }
  };
  const writers = Array.from({ length: 8 }, write);
  for (let kill = 0; kill < 10; kill += 1) {
    await sleep(100);
    await killer.sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
  }
  // The last kill's farewell is still to be read by each writer.
  await sleep(500);
  stopped = true;
  await Promise.all(writers);
  await killer.close();
  // Every slot has to answer: a silenced one would wait for its connect timeout.
  await Promise.all(Array.from({ length: 8 }, () => sql.begin((tx) => tx`select pg_sleep(0.05)`)));
  const [row] = await sql`select count(*)::int as n from written`;
  process.off('uncaughtException', listen);
  expect(uncaught).toEqual([]);
  expect(acknowledged).toBeGreaterThan(0);
  expect(row!.n).toBeGreaterThanOrEqual(acknowledged);
});
