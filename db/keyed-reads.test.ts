import { beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../lib/testing/database.ts';
import { keyedRead } from './keyed-reads.ts';

const { db, sql } = await testDatabase();
const lengths = keyedRead<number>('select k as key, to_json(n) as answer from lengths where k = any($keys)');
const doubled = keyedRead<string>(
  'select asked.key, to_json(asked.key || asked.key) as answer from unnest($keys) asked (key)',
);
const broken = keyedRead<number>('select k as key, to_json(1 / (n - n)) as answer from lengths where k = any($keys)');

beforeAll(async () => {
  await sql`create table lengths (k text primary key, n int)`;
  await sql`insert into lengths values ('a', 1), ('bb', 2), ('"c",{', 5)`;
});

/** The statements that some work sends. */
async function sent<T>(work: () => Promise<T>): Promise<{ told: T; texts: string[] }> {
  const { unsafe } = sql;
  const texts: string[] = [];
  sql.unsafe = ((...given: Parameters<typeof unsafe>) => {
    texts.push(given[0]);
    return unsafe(...given);
  }) as typeof unsafe;
  try {
    return { told: await work(), texts };
  } finally {
    sql.unsafe = unsafe;
  }
}

test('reads that are asked for in one turn travel as one statement, each with its own answer', async () => {
  const asked = () =>
    Promise.all([
      lengths(db, 'a'),
      doubled(db, 'a'),
      lengths(db, 'bb'),
      lengths(db, 'a'),
      lengths(db, '"c",{'),
      lengths(db, 'nobody'),
    ]);
  const { told, texts } = await sent(asked);
  expect(told).toEqual([1, 'aa', 2, 1, 5, undefined]);
  expect(texts).toHaveLength(1);
});

test('a read never has an answer from before it was asked', async () => {
  const early = lengths(db, 'new');
  await early;
  await sql`insert into lengths values ('new', 3)`;
  expect(await lengths(db, 'new')).toBe(3);
  const [before] = await Promise.all([lengths(db, 'new'), sql`update lengths set n = 4 where k = 'new'`]);
  expect([3, 4]).toContain(before);
  expect(await lengths(db, 'new')).toBe(4);
});

test('a key that no text can be fails alone, and a statement that fails fails for all who share it', async () => {
  const [nul, fine] = await Promise.allSettled([lengths(db, 'a\0'), lengths(db, 'a')]);
  expect(nul).toMatchObject({ status: 'rejected', reason: { code: '22021' } });
  expect(fine).toEqual({ status: 'fulfilled', value: 1 });
  const both = await Promise.allSettled([broken(db, 'a'), lengths(db, 'a')]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await lengths(db, 'a')).toBe(1);
});
