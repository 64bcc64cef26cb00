import { asc, eq } from 'drizzle-orm';
import { beforeAll, expect, it } from 'vitest';
import { requestRevisions, requests } from '../../db/schema/approvals.ts';
import { incidents } from '../../db/schema/kpis.ts';
import { models } from '../../db/schema/models.ts';
import type { Actor } from '../access/schema.ts';
import { createRequest } from '../approvals/commands/create.ts';
import { decide } from '../approvals/commands/decide.ts';
import { newId } from '../base/ids.ts';
import { addMs } from '../base/time.ts';
import { registerModel } from '../models/commands/register.ts';
import { registerVersion } from '../models/commands/register-version.ts';
import { execute } from '../shell/command.ts';
import { testDatabase } from '../testing/database.ts';
import { person } from '../testing/people.ts';
import { listCatalog, listInbox } from './catalog.ts';
import { getBoard } from './queries.ts';

const { db } = await testDatabase();
const REQUESTS = 120;
const INCIDENTS = 230;
const OLDEST = 'asked-first';
let ops: Actor;
let author: Actor;

/** One request by the commands; the others are copies of it for models and moments of their own. */
beforeAll(async () => {
  author = await person(db, 'author', ['data']);
  ops = await person(db, 'ops', ['ops']);
  const by = { db, actor: author };
  await execute(registerModel, { name: OLDEST, tier: 'low' }, by);
  await execute(registerVersion, { name: OLDEST, source: 's3://m/1' }, by);
  await execute(createRequest, { model: OLDEST, version: 1, reason: 'It is better on last month.' }, by);

  const [model] = await db.select().from(models).where(eq(models.name, OLDEST));
  const [asked] = await db.select().from(requests);
  const [revision] = await db.select().from(requestRevisions);
  const { id: _, ...request } = asked!;
  const copies = Array.from({ length: REQUESTS - 1 }, (_, i) => ({ ...model!, id: newId(), name: `asked-later-${i}` }));
  await db.insert(models).values(copies);
  const made = await db
    .insert(requests)
    .values(
      copies.map(({ id }, i) => ({ ...request, modelId: id, createdAt: addMs(request.createdAt, 1000 * (i + 1)) })),
    )
    .returning({ id: requests.id });
  await db.insert(requestRevisions).values(made.map(({ id }) => ({ ...revision!, requestId: id })));
  await db.insert(incidents).values(
    Array.from({ length: INCIDENTS }, (_, i) => ({
      modelId: i === 0 ? model!.id : copies[0]!.id,
      kpiId: newId(),
      kpiVersion: 1,
      kpiName: `Goal ${i}`,
      state: 'open',
      openedAt: addMs(request.createdAt, 1000 * i),
      windowStart: addMs(request.createdAt, 1000 * i),
    })),
  );
});

it('what has waited longest is in the inbox, however much came after it', async () => {
  const inbox = await listInbox(db, ops, new Date());
  const of = (kind: string) => inbox.filter((item) => item.kind === kind);
  expect(of('request')).toHaveLength(REQUESTS);
  expect(of('request').at(-1)).toMatchObject({ model: OLDEST });
  expect(of('incident')).toHaveLength(INCIDENTS);
  expect(of('incident').at(-1)).toMatchObject({ model: OLDEST, title: expect.stringContaining('Goal 0 ') });
});

it('the board opens on the model that is worst off, and never on another than was asked for', async () => {
  const opened = await getBoard(db, ops, {}, new Date());
  expect(opened.model?.model.name).toBe('asked-later-0');
  expect((await getBoard(db, ops, { m: OLDEST }, new Date())).model?.model.name).toBe(OLDEST);
  const gone = await getBoard(db, ops, { m: 'no-such-model' }, new Date());
  expect([gone.model, gone.models.length]).toEqual([null, REQUESTS]);
});

it('who asked for changes waits for them, and who asked to go live reads which', async () => {
  const [asked] = await db.select().from(requests).orderBy(asc(requests.createdAt)).limit(1);
  const [revision] = await db.select().from(requestRevisions).where(eq(requestRevisions.requestId, asked!.id));
  const of = async (actor: Actor) => (await listInbox(db, actor, new Date())).filter(({ model }) => model === OLDEST);
  const second = await person(db, 'second', ['ops']);
  expect((await of(second)).map(({ kind }) => kind)).toEqual(['request', 'incident']);
  const vote = { decision: 'request_changes', as: 'ops', note: 'Show it by region.' } as const;
  const seen = { id: asked!.id, revision: 1, evidenceHash: revision!.evidenceHash };
  await execute(decide, { ...seen, ...vote }, { db, actor: second });
  expect((await of(second)).map(({ kind }) => kind)).toEqual(['incident']);
  const [revise] = await of(author);
  expect(revise).toMatchObject({ kind: 'revise', detail: expect.stringContaining('“Show it by region.”') });
});

it('and its model says in the catalogue what waits and since when', async () => {
  const [oldest] = await db.select().from(incidents).orderBy(asc(incidents.openedAt)).limit(1);
  const { catalog } = await listCatalog(db, ops, new Date());
  expect(catalog.find(({ name }) => name === OLDEST)).toMatchObject({
    needsMe: 2,
    candidateVersion: 1,
    since: oldest!.windowStart.toISOString(),
  });
});
