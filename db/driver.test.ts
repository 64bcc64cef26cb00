import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { testDatabase } from '../lib/testing/database.ts';
import { createDb } from './client.ts';
import { corrections } from './driver.ts';

test('every correction still finds its one place in the installed driver', () => {
  const entry = createRequire(import.meta.url).resolve('postgres');
  const source = [entry, entry.replace('index.js', 'connection.js'), entry.replace('index.js', 'queue.js')]
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  for (const { found } of corrections) expect(source.split(found)).toHaveLength(2);
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

test('a transaction that lost its connection cannot write in the one that took its place', async () => {
  const { url } = await testDatabase();
  const pool = createDb({ url, max: 1, name: 'pool of one' });
  const killer = createDb({ url, max: 1, name: 'killer' });
  await killer.sql`create table account (i int)`;
  let goOn = () => {};
  const late = new Promise<void>((done) => {
    goOn = done;
  });
  let lateWrite: Promise<unknown> = Promise.resolve();
  const lost = pool.sql.begin(async (tx) => {
    await tx`select 1`;
    await late;
    lateWrite = tx`insert into account values (1)`.execute();
    await lateWrite;
  });
  const refused = expect(lost).rejects.toThrow();
  await sleep(100);
  await killer.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pool of one'`;
  await refused;
  await pool.sql.begin(async (tx) => {
    await tx`select 1`;
    goOn();
    await sleep(50);
    await tx`select 1`;
  });
  await expect(lateWrite).rejects.toThrow();
  const [row] = await pool.sql`select count(*)::int as n from account`;
  await Promise.all([pool.close(), killer.close()]);
  expect(row!.n).toBe(0);
});

test('the first statement of a transaction travels with its BEGIN, and whatever fails takes back the whole', async () => {
  const { sql, url } = await testDatabase();
  const pool = createDb({ url, max: 2, name: 'pool of two' });
  await sql`create table kept (i int primary key)`;
  await pool.sql.begin(async (tx) => {
    const [row] = await tx<{ same: boolean }[]>`select now() < clock_timestamp() as same`;
    expect(row!.same).toBe(true);
    // Nothing is waited for: the commit is sent behind them.
    for (const i of [1, 2]) void tx`insert into kept values (${i})`.execute();
  });
  let refused: Promise<unknown> = Promise.resolve();
  await pool.sql.begin(async (tx) => {
    void tx`insert into kept values (3)`.execute();
    refused = tx`insert into kept values (1)`.execute();
    void refused.catch(() => {});
  });
  await expect(refused).rejects.toThrow(/duplicate key/);
  const racing = Array.from({ length: 20 }, (_, n) =>
    pool.sql.begin(async (tx) => {
      await tx`insert into kept values (${100 + n})`;
      if (n % 2 > 0) throw new Error('taken back');
    }),
  );
  await Promise.allSettled(racing);
  const rows = await sql<{ i: number }[]>`select i from kept order by i`;
  await pool.close();
  expect(rows.map(({ i }) => i)).toEqual([1, 2, ...Array.from({ length: 10 }, (_, n) => 100 + 2 * n)]);
});

test('a transaction that is refused its connection begins nothing', async () => {
  const { url } = await testDatabase();
  const nowhere = new URL(url);
  nowhere.pathname = '/no_such_database';
  const pool = createDb({ url: nowhere.href, max: 1, name: 'nowhere' });
  let begun = false;
  const refused = pool.sql.begin(async () => {
    begun = true;
  });
  await expect(refused).rejects.toThrow(/does not exist/);
  await pool.close();
  expect(begun).toBe(false);
});
