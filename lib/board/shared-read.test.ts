import { max } from 'drizzle-orm';
import { beforeAll, expect, it } from 'vitest';
import type { Db } from '../../db/client.ts';
import { outbox } from '../../db/schema/audit.ts';
import { models } from '../../db/schema/models.ts';
import type { Actor } from '../access/schema.ts';
import { registerModel } from '../models/commands/register.ts';
import { execute } from '../shell/command.ts';
import { testDatabase } from '../testing/database.ts';
import { person } from '../testing/people.ts';
import { startPump } from '../worker/pump.ts';
import { sharedRead } from './shared-read.ts';

const { db, sql } = await testDatabase();
const NOON = new Date('2026-03-01T12:00:00Z');
let actor: Actor;
beforeAll(async () => {
  actor = await person(db, 'author', ['data']);
});

const register = (name: string) => execute(registerModel, { name }, { db, actor });
const count = (on: Db) => on.$count(models);

/** A read that counts the models, and how often it was made. */
function counted(read: (on: Db) => Promise<number> = count) {
  const made = { reads: 0 };
  const ask = sharedRead((on) => {
    made.reads += 1;
    return read(on);
  });
  return { ask, made };
}

it('is made once for all who ask, until something changes or a minute is over', async () => {
  const { ask, made } = counted();
  const before = await ask(db, NOON);
  expect(await Promise.all([ask(db, NOON), ask(db, NOON)])).toEqual([before, before]);
  expect(made.reads).toBe(1);
  await register('one more');
  expect(await Promise.all([ask(db, NOON), ask(db, NOON)])).toEqual([before + 1, before + 1]);
  expect(made.reads).toBe(2);
  await ask(db, new Date('2026-03-01T12:01:00Z'));
  expect(made.reads).toBe(3);
});

it('is not made again when a change is published', async () => {
  const { ask, made } = counted();
  await register('published');
  await ask(db, NOON);
  const pump = startPump(sql, async () => undefined);
  const waiting = async () => (await sql`select 1 from outbox where position is null`).length;
  await expect.poll(waiting, { timeout: 10_000 }).toBe(0);
  await pump.stop();
  expect((await db.select({ at: max(outbox.position) }).from(outbox))[0]?.at).toBeGreaterThan(0);
  await ask(db, NOON);
  expect(made.reads).toBe(1);
});

it('of those who ask during one read after changes, all share the next, which knows what they know', async () => {
  const gate = Promise.withResolvers<void>();
  let first = true;
  const { ask, made } = counted(async (on) => {
    const found = await count(on);
    if (first) await gate.promise;
    first = false;
    return found;
  });
  const before = await count(db);
  const early = ask(db, NOON);
  await expect.poll(() => made.reads).toBe(1);
  await register('second');
  const late = [ask(db, NOON)];
  await register('third');
  late.push(ask(db, NOON), ask(db, NOON));
  gate.resolve();
  expect(await early).toBe(before);
  expect(await Promise.all(late)).toEqual([before + 2, before + 2, before + 2]);
  expect(made.reads).toBe(2);
});

it('is made anew after it failed', async () => {
  let broken = true;
  const { ask } = counted(async (on) => {
    if (broken) throw new Error('the line is cut');
    return count(on);
  });
  await expect(Promise.all([ask(db, NOON), ask(db, NOON)])).rejects.toThrow('the line is cut');
  broken = false;
  expect(await ask(db, NOON)).toBe(await count(db));
});
