import { eq, sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../lib/testing/database.ts';
import { createDb, statement } from './client.ts';
import { models } from './schema/models.ts';

const { url } = await testDatabase();
const { db, close } = createDb({ url, max: 1, name: 'plumbline test' });
afterAll(close);

const prepared = async (text: string): Promise<number> => {
  const [row] = await db.execute<{ n: number }>(
    sql`select count(*)::int as n from pg_prepared_statements where statement like ${`%${text}%`} and statement not like '%pg_prepared%'`,
  );
  return row!.n;
};

test('a text that comes again is a named statement of its connection, in a transaction and outside', async () => {
  const outside = () => db.select({ title: models.title }).from(models).where(eq(models.name, 'x'));
  const inside = () =>
    db.transaction((tx) => tx.select({ useCase: models.useCase }).from(models).where(eq(models.name, 'x')));
  await outside();
  await inside();
  expect([await prepared('"title"'), await prepared('"use_case"')]).toEqual([0, 0]);
  for (let i = 0; i < 5; i += 1) await Promise.all([outside(), inside()]);
  expect([await prepared('"title"'), await prepared('"use_case"')]).toEqual([1, 1]);
});

test('a statement without values is one too, whichever copy of this module it comes from', async () => {
  const days = statement('select 7 as days_of_a_week');
  const { client } = (db as unknown as { session: { client: { unsafe: (...given: unknown[]) => Promise<unknown> } } })
    .session;
  for (let i = 0; i < 5; i += 1)
    await Promise.all([days(db, []), client.unsafe('select 12 as months', [], { simple: false })]);
  expect([await prepared('days_of_a_week'), await prepared('12 as months')]).toEqual([1, 1]);
});
