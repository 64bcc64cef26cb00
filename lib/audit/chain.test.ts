import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import type { Db } from '../../db/client.ts';
import { jobActor } from '../access/schema.ts';
import { appendAudit, linkHash } from '../shell/audit-chain.ts';
import { testDatabase } from '../testing/database.ts';
import { verifyAudit } from './queries.ts';

const { db } = await testDatabase();
const actor = jobActor('test');

const write = (on: Db, stream: string, n: number): Promise<boolean> =>
  on.transaction((tx) =>
    appendAudit(
      tx as Db,
      {
        stream,
        at: new Date(Date.UTC(2026, 2, 1, 0, 0, n, 123)),
        action: 'models.update',
        actor: { kind: actor.kind, id: actor.id, name: actor.name, roles: [] },
        subject: { type: 'model', id: stream },
        modelId: null,
        before: { zebra: n, apple: 'é \u2028 "quoted"' },
        after: { nested: { b: [1.5, null, true], a: -0 } },
        requestId: null,
      },
      { model: null, payload: null },
    ),
  );

/** A hand on the database with every right: the guard is taken off, the deed is done, the guard is put back. */
const tamper = (deed: string): Promise<unknown> =>
  db.transaction(async (tx) => {
    await tx.execute(sql`alter table audit_events disable trigger all`);
    await tx.execute(sql.raw(deed));
    await tx.execute(sql`alter table audit_events enable trigger all`);
  });

const bad = (stream: string, position: number) => ({ ok: false, firstBad: { stream, position } });
/** Does something to the trail, looks what the check says, and undoes it. */
async function verdictAfter(deed: string) {
  let verdict: Awaited<ReturnType<typeof verifyAudit>> | undefined;
  const undo = new Error('undo');
  const trial = db.transaction(async (tx) => {
    await tx.execute(sql`alter table audit_events disable trigger all`);
    await tx.execute(sql.raw(deed));
    verdict = await verifyAudit(tx as Db);
    throw undo;
  });
  await expect(trial).rejects.toBe(undo);
  return verdict;
}

describe('the trail', () => {
  it('is whole after 50 parallel writers, of whom the first five make the streams', async () => {
    const streams = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(Array.from({ length: 50 }, (_, n) => write(db, streams[n % 5]!, n)));
    expect(await verifyAudit(db)).toEqual({ ok: true, rows: 50, firstBad: null });
    const held = await db.execute<{ stream: string; n: number; last: number }>(
      sql`select stream, count(*)::int as n, max(position)::int as last from audit_events group by stream order by stream`,
    );
    expect([...held]).toEqual(streams.map((stream) => ({ stream, n: 10, last: 10 })));
  });

  it('is whole at every moment while it is written', async () => {
    let writing = true;
    const writers = Array.from({ length: 4 }, async (_, stream) => {
      for (let n = 0; n < 40; n += 1) await write(db, `busy ${stream}`, n);
    });
    const written = Promise.all(writers).finally(() => {
      writing = false;
    });
    const verdicts: boolean[] = [];
    while (writing) verdicts.push((await verifyAudit(db)).ok);
    await written;
    expect(verdicts.length).toBeGreaterThan(1);
    expect(verdicts).not.toContain(false);
    expect(await verifyAudit(db)).toMatchObject({ ok: true, rows: 50 + 160 });
  });

  it('is walked by one at a time, however many ask, and by none of them as it was before they asked', async () => {
    const verdicts = await Promise.all(Array.from({ length: 30 }, () => verifyAudit(db)));
    expect(new Set(verdicts).size).toBe(2);
    await write(db, 'late', 1);
    expect(await verifyAudit(db)).toMatchObject({ ok: true, rows: verdicts[0]!.rows + 1 });
  });

  it('keeps no row of a transaction that failed, and leaves no gap', async () => {
    const broken = db.transaction(async (tx) => {
      await write(tx as Db, 'a', 90);
      throw new Error('the work after it failed');
    });
    await expect(broken).rejects.toThrow('the work after it failed');
    expect(await verifyAudit(db)).toMatchObject({ ok: true, rows: 211 });
  });

  it.each([
    ['a change', `update audit_events set actor_name = 'Somebody' where stream = 'a'`],
    ['a deletion', `delete from audit_events where stream = 'a'`],
    ['an emptying', 'truncate audit_events'],
  ])('refuses %s even to the owner of the table', async (_what, deed) => {
    await expect(db.execute(sql.raw(deed))).rejects.toMatchObject({
      cause: { message: expect.stringContaining('append-only') },
    });
    expect(await verifyAudit(db)).toMatchObject({ ok: true, rows: 211 });
  });

  it.each([
    [
      'a changed text',
      `update audit_events set body = replace(body, '"apple"', '"appel"') where stream = 'c' and position = 4`,
      bad('c', 4),
    ],
    [
      'a text that is none any more',
      `update audit_events set body = 'gone' where stream = 'c' and position = 4`,
      bad('c', 4),
    ],
    [
      'a changed action beside an unchanged text',
      `update audit_events set action = 'models.delete' where stream = 'c' and position = 4`,
      bad('c', 4),
    ],
    ['a changed actor', `update audit_events set actor_id = 'other' where stream = 'c' and position = 4`, bad('c', 4)],
    [
      'a changed moment',
      `update audit_events set at = at + interval '1 ms' where stream = 'b' and position = 10`,
      bad('b', 10),
    ],
    ['a changed subject', `update audit_events set subject_id = 'z' where stream = 'b' and position = 1`, bad('b', 1)],
    [
      'a changed name',
      `update audit_events set actor_name = 'Somebody else' where stream = 'b' and position = 3`,
      bad('b', 3),
    ],
    [
      'a row moved under another model',
      `update audit_events set model_id = gen_random_uuid() where stream = 'b' and position = 3`,
      bad('b', 3),
    ],
    ['a row out of the middle', `delete from audit_events where stream = 'd' and position = 5`, bad('d', 6)],
    ['the first row gone', `delete from audit_events where stream = 'd' and position = 1`, bad('d', 2)],
    ['the last row gone', `delete from audit_events where stream = 'd' and position = 10`, bad('d', 10)],
    ['a whole stream gone', `delete from audit_events where stream = 'd'`, bad('d', 1)],
    [
      'the head gone with its stream’s tail',
      `delete from audit_heads where stream = 'e'; delete from audit_events where stream = 'e' and position > 7`,
      bad('e', 8),
    ],
    [
      'a row put in',
      `insert into audit_events (stream, position, at, action, actor_kind, actor_id, actor_name, subject_type, subject_id, body, prev_hash, hash)
       select stream, 11, at, action, actor_kind, actor_id, actor_name, subject_type, subject_id, body, hash, repeat('f', 64) from audit_events where stream = 'a' and position = 10`,
      bad('a', 11),
    ],
    [
      'two rows that changed places',
      `update audit_events set position = 1000 where stream = 'a' and position = 6;
       update audit_events set position = 6 where stream = 'a' and position = 7;
       update audit_events set position = 7 where stream = 'a' and position = 1000`,
      bad('a', 6),
    ],
  ])('names the first bad row after %s', async (_what, deed, verdict) => {
    expect(await verdictAfter(deed)).toMatchObject(verdict);
  });

  it('names a row that was forged with a hash of its own, because the next one does not follow it', async () => {
    const [row] = await db.execute<{ body: string; prev_hash: string }>(
      sql`select body, prev_hash from audit_events where stream = 'a' and position = 2`,
    );
    const body = row!.body.replace('"zebra":', '"zebra":7');
    const hash = linkHash(row!.prev_hash, body);
    const deed = `update audit_events set body = '${body.replaceAll("'", "''")}', hash = '${hash}' where stream = 'a' and position = 2`;
    expect(await verdictAfter(deed)).toMatchObject(bad('a', 3));
  });

  it('stays broken until it is put right', async () => {
    await tamper(`update audit_events set action = 'models.delete' where stream = 'a' and position = 1`);
    expect(await verifyAudit(db)).toMatchObject(bad('a', 1));
    await tamper(`update audit_events set action = 'models.update' where stream = 'a' and position = 1`);
    expect(await verifyAudit(db)).toMatchObject({ ok: true, rows: 211 });
  });
});
