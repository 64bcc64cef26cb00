import { count, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { sessions, signInFailures } from '../../db/schema/access.ts';
import { idempotencyKeys, outbox } from '../../db/schema/audit.ts';
import { findSessionActor } from '../access/queries.ts';
import { newId } from '../base/ids.ts';
import { addMs, DAY_MS, HOUR_MS } from '../base/time.ts';
import { refreshDocuments } from '../board/documents.ts';
import { testDatabase } from '../testing/database.ts';
import { person } from '../testing/people.ts';
import { keepHouse } from './housekeeping.ts';

const { db } = await testDatabase();
const now = new Date();
const ago = (ms: number) => addMs(now, -ms);

it('news that were handed on are kept for a week, and the last ten thousand for longer', async () => {
  const news = (n: number, at: Date, position: string) =>
    db.execute(sql`insert into outbox (at, key, subject_type, subject_id, position)
      select ${at.toISOString()}::timestamptz, 'test', 'model', n::text, ${sql.raw(position)} from generate_series(1, ${n}::int) n`);
  const left = async () => (await db.select({ n: count() }).from(outbox))[0]!.n;
  await news(12_000, ago(8 * DAY_MS), `nextval('outbox_positions')`);
  await keepHouse(db, now);
  // The search has not read them yet.
  expect(await left()).toBe(12_000);
  await refreshDocuments(db);
  await keepHouse(db, now);
  expect(await left()).toBe(10_001);
  await news(11_000, ago(6 * DAY_MS), `nextval('outbox_positions')`);
  await news(3, ago(9 * DAY_MS), 'null');
  await refreshDocuments(db);
  await keepHouse(db, now);
  // Those of six days, and the three that nobody was told of.
  expect(await left()).toBe(11_003);
});

it('keys, failures and sessions go when they have expired, and nothing before', async () => {
  const actor = await person(db, 'olga', ['ops']);
  const key = (name: string, createdAt: Date) =>
    db.insert(idempotencyKeys).values({ actorId: actor.id, key: name, requestHash: 'x', createdAt });
  await key('old', ago(25 * HOUR_MS));
  await key('new', ago(23 * HOUR_MS));
  await db.insert(signInFailures).values([
    { key: 'old', at: ago(8 * DAY_MS) },
    { key: 'new', at: ago(HOUR_MS) },
  ]);
  const [ended, live] = [newId(), newId()];
  const session = { userId: actor.id, createdAt: ago(30 * DAY_MS) };
  await db.insert(sessions).values([
    { ...session, id: ended, expiresAt: ago(8 * DAY_MS) },
    { ...session, id: live, expiresAt: addMs(now, HOUR_MS) },
  ]);
  await keepHouse(db, now);
  expect((await db.select().from(idempotencyKeys)).map((row) => row.key)).toEqual(['new']);
  expect((await db.select().from(signInFailures)).map((row) => row.key)).toEqual(['new']);
  expect((await db.select().from(sessions)).map(({ id }) => id)).toEqual([live]);
  expect(await findSessionActor(db, live, now)).toMatchObject({ id: actor.id });
});
