import { sql } from 'drizzle-orm';
import { beforeAll, expect, test } from 'vitest';
import type { Actor } from '../access/schema.ts';
import type { Command } from '../shell/command.ts';
import { execute } from '../shell/command.ts';
import { testDatabase } from '../testing/database.ts';
import { person } from '../testing/people.ts';
import { deleteVersion } from './commands/delete-version.ts';
import { importModel } from './commands/import.ts';
import { registerVersion } from './commands/register-version.ts';
import { setTag } from './commands/set-tag.ts';
import { updateModel } from './commands/update.ts';
import { getModel, listVersions, viewModel } from './queries.ts';

const { db } = await testDatabase();
let admin: Actor;
let data: Actor;
beforeAll(async () => {
  [admin, data] = [await person(db, 'admin', ['admin']), await person(db, 'data', ['data'])];
});
const run = <I, V>(command: Command<I, V>, input: object, actor = admin) => execute(command, input, { db, actor });

const at = (day: number) => `2024-05-0${day}T10:00:00.000Z`;
const version = (number: number, more: object = {}) => ({
  version: number,
  source: `s3://b/${number}`,
  createdAt: at(number),
  updatedAt: at(number),
  ...more,
});
const offer = (name: string, more: object = {}) => ({
  name,
  description: 'Scores applicants',
  createdAt: at(1),
  updatedAt: at(5),
  tags: { team: 'risk' },
  aliases: { champion: 4 },
  versions: [
    version(1, { stage: 'Archived', tags: { ok: 'yes' } }),
    version(4, {
      stage: 'Production',
      runId: 'a'.repeat(32),
      metrics: { auc: 0.8 },
      params: { depth: '3' },
      dataset: [{ name: 'loans' }],
    }),
  ],
  ...more,
});
const rows = async () => {
  const [row] = await db.execute<{ n: number }>(sql`select count(*)::int as n from audit_events`);
  return row!.n;
};

test('a model comes over with its numbers, moments, tags, aliases, stages and lineage', async () => {
  const report = await run(importModel, offer('whole'));
  expect(report).toEqual({
    name: 'whole',
    created: true,
    versions: [1, 4],
    tags: 1,
    aliases: ['champion'],
    conflicts: [],
  });
  const model = await getModel(db, 'whole');
  expect(await viewModel(db, model)).toMatchObject({
    description: 'Scores applicants',
    tags: { team: 'risk' },
    aliases: { champion: 4 },
    createdAt: at(1),
    updatedAt: at(5),
    createdBy: 'admin',
  });
  const [newest, oldest] = await listVersions(db, model.id);
  expect(newest).toMatchObject({
    version: 4,
    stage: 'Production',
    metrics: { auc: 0.8 },
    params: { depth: '3' },
    createdAt: at(4),
  });
  expect(oldest).toMatchObject({ version: 1, stage: 'Archived', tags: { ok: 'yes' } });
  // The numbers between belong to versions deleted over there: they are not given again.
  expect((await run(registerVersion, { name: 'whole', source: 's3://b/next' })).version).toBe(5);
});

test('the same import again changes nothing', async () => {
  await run(importModel, offer('twice'));
  const before = await rows();
  expect(await run(importModel, offer('twice'))).toMatchObject({
    created: false,
    versions: [],
    tags: 0,
    aliases: [],
    conflicts: [],
  });
  expect(await rows()).toBe(before);
});

test('what is new over there is added later, in parts if need be', async () => {
  await run(importModel, offer('later', { versions: [version(1)], aliases: {} }));
  const report = await run(
    importModel,
    offer('later', { versions: [version(1), version(4)], tags: { team: 'risk', more: '1' } }),
  );
  expect(report).toMatchObject({ versions: [4], tags: 1, aliases: ['champion'], conflicts: [] });
});

test('what differs here is told and stays', async () => {
  await run(importModel, offer('differs', { aliases: {} }));
  await run(setTag, { name: 'differs', key: 'team', value: 'fraud' });
  await run(updateModel, { name: 'differs', description: 'Ours' });
  await run(deleteVersion, { name: 'differs', version: 1 });
  const report = await run(
    importModel,
    offer('differs', { versions: [version(1), version(4, { stage: 'None' })], aliases: { gone: 1 } }),
  );
  expect(report.conflicts.map(({ what, held }) => [what, held])).toEqual([
    ['description', 'Ours'],
    ['version 1', 'deleted'],
    ['version 4 runId', 'a'.repeat(32)],
    ['version 4 stage', 'Production'],
    ['alias gone', 'no such version'],
    ['tag team', 'fraud'],
  ]);
  expect(await viewModel(db, await getModel(db, 'differs'))).toMatchObject({
    description: 'Ours',
    tags: { team: 'fraud' },
    aliases: {},
  });
});

test('what serves moves with an approval only: a guarded alias or stage is told, not moved', async () => {
  await run(importModel, offer('guarded', { versions: [version(1)], aliases: {} }));
  await run(updateModel, { name: 'guarded', tier: 'high' });
  const report = await run(importModel, offer('guarded', { versions: [version(4, { stage: 'Production' })] }));
  expect(report.conflicts.map(({ what, held }) => [what, held])).toEqual([
    ['alias champion', 'guarded'],
    ['version 4 stage', 'guarded'],
  ]);
  expect(report).toMatchObject({ versions: [4], aliases: [] });
});

test('two imports at once end as one', async () => {
  const reports = await Promise.all(Array.from({ length: 6 }, () => run(importModel, offer('raced'))));
  expect(reports.flatMap(({ versions }) => versions).toSorted()).toEqual([1, 4]);
});

test('only an administrator may', async () => {
  await expect(run(importModel, offer('nope'), data)).rejects.toMatchObject({ kind: 'forbidden' });
});
