import { isNotNull, sql } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import { batches, inferenceEvents } from '../../db/schema/measurements.ts';
import { newId } from '../base/ids.ts';
import { addMs } from '../base/time.ts';
import { deleteVersion } from '../models/commands/delete-version.ts';
import { registerModel } from '../models/commands/register.ts';
import { registerVersion } from '../models/commands/register-version.ts';
import { getModel } from '../models/queries.ts';
import { execute } from '../shell/command.ts';
import { testWorkspace } from '../testing/refusals.ts';
import { getBatch } from './queries.ts';
import { gather, spool } from './spool.ts';

const { db, admin, uploads } = await testWorkspace();
const now = new Date();
let serial = 0;

/** A model with one version and one logged request that has its response. */
async function logged(): Promise<string> {
  const name = `logged-${++serial}`;
  await execute(registerModel, { name }, { db, actor: admin });
  await execute(registerVersion, { name, source: 's3://m/1' }, { db, actor: admin });
  const model = { id: (await getModel(db, name)).id, version: 1 };
  const event = { service: name, id: `call-${serial}`, at: now };
  const column = (of: string) => [{ name: of, values: [serial] }];
  await spool(db, model, { ...event, kind: 'request', rows: column('age') }, now);
  await spool(db, model, { ...event, kind: 'response', rows: column('prediction') }, now);
  return name;
}
const waiting = async () => {
  const rows = await db.select().from(inferenceEvents).where(isNotNull(inferenceEvents.gathering));
  return rows.map(({ eventId, kind }) => `${eventId} ${kind}`).sort();
};

beforeEach(async () => {
  await db.delete(inferenceEvents);
});

describe('logged inferences', () => {
  it('of a version that was deleted are forgotten without a trace, and those of others are gathered', async () => {
    const [gone, other] = [await logged(), await logged()];
    await execute(deleteVersion, { name: gone, version: 1 }, { db, actor: admin });
    const files = uploads().length;
    const made = await gather(db, now);
    expect(await Promise.all(made.map(async (id) => (await getBatch(db, id)).model))).toEqual([other]);
    expect(uploads()).toHaveLength(files + 1);
    const left = await db.select().from(inferenceEvents);
    expect(left.map(({ eventId }) => eventId)).toEqual([`call-${serial}`, `call-${serial}`]);
    expect(await gather(db, now)).toEqual([]);
  });

  it('that cannot become a batch now hold up nobody else, leave no file, and are gathered the next time', async () => {
    const [stuck, other] = [await logged(), await logged()];
    const files = uploads().length;
    const { id } = await getModel(db, stuck);
    await db.execute(sql.raw(`alter table batches add constraint in_the_way check (model_id <> '${id}') not valid`));
    await expect(gather(db, now)).rejects.toThrow(AggregateError);
    expect(uploads()).toHaveLength(files + 1);
    expect(
      await db
        .select()
        .from(batches)
        .where(sql`model_id = ${(await getModel(db, other)).id}`),
    ).toHaveLength(1);
    expect(await waiting()).toEqual([`call-${serial - 1} request`, `call-${serial - 1} response`]);
    await db.execute(sql`alter table batches drop constraint in_the_way`);
    expect(await gather(db, now)).toHaveLength(1);
    expect(await waiting()).toEqual([]);
  });

  it('that another worker gathers at the same moment are gathered once', async () => {
    await logged();
    let second: Promise<string[]> = Promise.resolve([newId()]);
    await db.transaction(async (tx) => {
      await tx.update(inferenceEvents).set({ columns: [], gatheredAt: now });
      second = gather(db, now);
      // It has seen the events as they were before, and waits to take them.
      await expect
        .poll(async () => {
          const [row] = await db.execute<{ n: number }>(
            sql`select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
          );
          return row?.n;
        })
        .toBe(1);
    });
    expect(await second).toEqual([]);
    expect(await waiting()).toEqual([]);
  });

  it('of a version that had many files today wait longer, unless as many wait as a file holds', async () => {
    const name = await logged();
    await gather(db, now);
    // As if it had been gathered 399 times more.
    await db.execute(sql`insert into batches (id, model_id, version, kind, state, format, roles, content_hash, bytes, raw_path, created_by, created_at)
      select gen_random_uuid(), model_id, version, kind, state, format, roles, n::text, bytes, raw_path, created_by, created_at
      from batches, generate_series(1, 399) n where model_id = (select id from models where name = ${name})`);
    const more = (calls: number) =>
      db.execute(sql`insert into inference_events (model_id, version, event_id, kind, at, columns, received_at)
        select e.model_id, e.version, 'more ' || ${calls}::int || ' ' || n, e.kind, e.at,
          jsonb_build_array(jsonb_build_object('name', e.kind, 'values', jsonb_build_array(n))), e.received_at
        from inference_events e, generate_series(1, ${calls}::int) n where e.event_id = ${`call-${serial}`}`);
    await more(1);
    expect(await gather(db, addMs(now, 79_000))).toEqual([]);
    expect(await gather(db, addMs(now, 81_000))).toHaveLength(1);
    await more(19_999);
    expect(await gather(db, addMs(now, 82_000))).toEqual([]);
    await more(2);
    expect(await gather(db, addMs(now, 82_000))).toHaveLength(1);
  });
});
