import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../lib/testing/database.ts';
import { readSnapshot, SNAPSHOT } from './snapshot.ts';

const { db, sql } = await testDatabase();
beforeAll(() => sql`create table counted (n int)`);

const look = () =>
  sql.unsafe<{ n: number; snapshot: string }[]>(`select count(*)::int as n, ${SNAPSHOT} as snapshot from counted`);

test('a snapshot moves on with a commit, also of a transaction that began before it', async () => {
  const seen: string[] = [];
  await sql.begin(async (tx) => {
    await tx`insert into counted values (1)`;
    seen.push(await readSnapshot(db));
  });
  seen.push(await readSnapshot(db));
  await sql`insert into counted values (2)`;
  seen.push(await readSnapshot(db));
  expect(new Set(seen).size).toBe(3);
});

test('two statements of the same snapshot see the same rows, whatever goes on beside them', async () => {
  const seen = new Map<string, number>();
  let looks = 0;
  const watch = async () => {
    looks += 1;
    const [row] = await look();
    const known = seen.get(row!.snapshot);
    if (known !== undefined) expect(row!.n).toBe(known);
    seen.set(row!.snapshot, row!.n);
  };
  const write = (rows: number, fails: boolean) =>
    sql
      .begin(async (tx) => {
        for (let n = 0; n < rows; n += 1) await tx`insert into counted values (${n})`;
        if (fails) throw new Error('rolled back');
      })
      .catch(() => {});
  const work = fc.record({
    rows: fc.integer({ min: 0, max: 3 }),
    fails: fc.boolean(),
    watchers: fc.integer({ min: 1, max: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(work, { minLength: 1, maxLength: 4 }), async (works) => {
      await Promise.all(
        works.flatMap(({ rows, fails, watchers }) => [write(rows, fails), ...Array.from({ length: watchers }, watch)]),
      );
    }),
    { numRuns: 40 },
  );
  // Some looks fell together, and some between two transactions: neither would show anything alone.
  expect(looks).toBeGreaterThan(seen.size);
  expect(seen.size).toBeGreaterThan(10);
});
