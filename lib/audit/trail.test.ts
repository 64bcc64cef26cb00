import { beforeAll, expect, it } from 'vitest';
import { registerModel } from '../models/commands/register.ts';
import { registerVersion } from '../models/commands/register-version.ts';
import { updateModel } from '../models/commands/update.ts';
import { execute } from '../shell/command.ts';
import { testDatabase } from '../testing/database.ts';
import { person } from '../testing/people.ts';
import { readAudit } from './endpoints.ts';

const { db } = await testDatabase();
const VERSIONS = 3;
const read = (query: string) => readAudit(db, new URLSearchParams(query));

beforeAll(async () => {
  const admin = await person(db, 'admin', ['admin']);
  const by = { db, actor: admin };
  for (const name of ['churn', 'other']) await execute(registerModel, { name, tier: 'low' }, by);
  for (let n = 1; n <= VERSIONS; n += 1) await execute(registerVersion, { name: 'churn', source: `s3://m/${n}` }, by);
  await execute(updateModel, { name: 'churn', title: 'Who leaves' }, by);
});

it('is read of one act, or of all acts of a noun', async () => {
  const acts = async (action: string) => (await read(`subject=churn&action=${action}`)).items.map((row) => row.action);
  expect(await acts('models.register')).toEqual(['models.register']);
  expect(await acts('models.*')).toEqual([
    'models.update',
    ...Array.from({ length: VERSIONS }, () => 'models.register-version'),
    'models.register',
  ]);
  expect(await acts('model.*')).toEqual([]);
  expect(await acts('models.register.*')).toEqual([]);
});

it('is read page by page to its beginning', async () => {
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = await read(`subject=churn&action=models.*&limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...page.items.map((row) => row.action));
    cursor = page.nextCursor;
  }
  expect(seen).toHaveLength(VERSIONS + 2);
  expect(seen.at(-1)).toBe('models.register');
});
