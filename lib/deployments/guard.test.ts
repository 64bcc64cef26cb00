import { beforeAll, describe, expect, it } from 'vitest';
import type { Actor, Role } from '../access/schema.ts';
import { createRequest } from '../approvals/commands/create.ts';
import { decide } from '../approvals/commands/decide.ts';
import { registerModel } from '../models/commands/register.ts';
import { registerVersion } from '../models/commands/register-version.ts';
import { renameModel } from '../models/commands/rename.ts';
import { setAlias } from '../models/commands/set-alias.ts';
import { updateModel } from '../models/commands/update.ts';
import { mayChangeTier } from '../models/rules.ts';
import { TIERS, type Tier } from '../models/schema.ts';
import { type Command, execute } from '../shell/command.ts';
import { testDatabase } from '../testing/database.ts';
import { person } from '../testing/people.ts';
import { deploy } from './commands/deploy.ts';

const { db } = await testDatabase();
const who = {} as Record<'product' | 'data' | 'ops' | 'admin', Actor>;
beforeAll(async () => {
  for (const role of ['product', 'data', 'ops', 'admin'] as const) who[role] = await person(db, role, [role]);
});
const as = <I, V>(actor: Actor, command: Command<I, V>, input: unknown): Promise<V> =>
  execute(command, input, { db, actor });
const register = async (name: string, tier: Tier) => {
  await as(who.data, registerModel, { name, tier });
  await as(who.data, registerVersion, { name, source: `s3://${name}/1` });
};

describe('the risk tier', () => {
  it('is not taken away by who then moves what serves', async () => {
    await register('taken', 'high');
    for (const actor of [who.data, who.ops])
      for (const tier of ['low', null])
        await expect(as(actor, updateModel, { name: 'taken', tier })).rejects.toMatchObject({
          kind: 'forbidden',
          code: 'tier_guarded',
          errors: [{ path: 'tier' }],
        });
    await expect(as(who.data, setAlias, { name: 'taken', alias: 'champion', version: 1 })).rejects.toMatchObject({
      code: 'serving_alias_guarded',
    });
    expect(await as(who.product, updateModel, { name: 'taken', tier: 'medium' })).toMatchObject({ tier: 'medium' });
  });

  it('is raised and given by whoever keeps the model, and lowered by product and administrators', () => {
    const given: (Tier | null)[] = [...TIERS, null];
    const allowed = (from: Tier | null, to: Tier | null) =>
      (['product', 'data', 'ops', 'admin'] satisfies Role[]).filter((role) => mayChangeTier(from, to, [role]).ok);
    for (const [i, from] of given.entries())
      for (const [j, to] of given.entries())
        expect([from, to, allowed(from, to)]).toEqual([
          from,
          to,
          from === null || j <= i ? ['product', 'data', 'ops', 'admin'] : ['product', 'admin'],
        ]);
  });
});

it('a model that has served keeps its name, so that nobody puts another in its place', async () => {
  await register('named', 'low');
  await as(who.data, renameModel, { name: 'named', newName: 'serving' });
  const asked = await as(who.data, createRequest, { model: 'serving', version: 1, reason: 'It is the first one.' });
  const { id, revision, evidenceHash } = asked;
  await as(who.ops, decide, { id, decision: 'approve', as: 'ops', revision, evidenceHash });
  await as(who.ops, deploy, { id });
  const away = { name: 'serving', newName: 'out-of-the-way' };
  for (const actor of [who.data, who.ops])
    await expect(as(actor, renameModel, away)).rejects.toMatchObject({
      kind: 'forbidden',
      code: 'serving_name_guarded',
    });
  expect(await as(who.admin, renameModel, away)).toMatchObject({ name: 'out-of-the-way' });
});
