import { expect, it } from 'vitest';
import type { Actor } from '../access/schema.ts';
import { createRequest } from '../approvals/commands/create.ts';
import { decide } from '../approvals/commands/decide.ts';
import { deleteVersion } from '../models/commands/delete-version.ts';
import { registerModel } from '../models/commands/register.ts';
import { registerVersion } from '../models/commands/register-version.ts';
import { type Command, execute } from '../shell/command.ts';
import { testDatabase } from '../testing/database.ts';
import { person } from '../testing/people.ts';
import { deploy } from './commands/deploy.ts';
import { readGate } from './endpoints.ts';

const { db } = await testDatabase();
const [author, ops] = [await person(db, 'author', ['data']), await person(db, 'ops', ['ops'])];
const as = <I, V>(actor: Actor, command: Command<I, V>, input: unknown): Promise<V> =>
  execute(command, input, { db, actor });

async function ask(query: Record<string, string>) {
  const asked = new URLSearchParams({ environment: 'production', exit: '1', ...query });
  const response = await readGate(db, asked, new Date());
  return { status: response.status, ...((await response.json()) as { data: { ok: boolean; reasons: string[] } }).data };
}

async function approved(model: string): Promise<number> {
  await as(author, registerModel, { name: model, tier: 'low' });
  await as(author, registerVersion, { name: model, source: 's3://m/1', digest: `sha256:${model}` });
  const { id, revision, evidenceHash } = await as(author, createRequest, {
    model,
    version: 1,
    reason: 'It is better on last month.',
  });
  await as(ops, decide, { id, decision: 'approve', as: 'ops', revision, evidenceHash, note: 'I have read it.' });
  return id;
}

it('the gate is open for what was agreed at every moment before, while and after it goes live', async () => {
  const names = Array.from({ length: 6 }, (_, n) => `model-${n}`);
  const requests = await Promise.all(names.map(approved));
  let deploying = true;
  const deployed = (async () => {
    for (const id of requests) await as(ops, deploy, { id });
  })().finally(() => {
    deploying = false;
  });
  const answers: boolean[] = [];
  while (deploying)
    for (const { ok } of await Promise.all(names.map((model) => ask({ model, version: '1' })))) answers.push(ok);
  await deployed;
  expect(answers.length).toBeGreaterThan(names.length);
  expect(answers).not.toContain(false);
});

it('the gate is closed for what nobody agreed on, and says so with a status where a script asks', async () => {
  await as(author, registerVersion, { name: 'model-0', source: 's3://m/2' });
  expect(await ask({ model: 'model-0', version: '2' })).toMatchObject({
    status: 412,
    ok: false,
    reasons: ['Nobody has asked to put this version there.'],
  });
});

it('a digest stands for the version that has it now, not for one that was deleted', async () => {
  const again = { name: 'twice', source: 's3://m/1', digest: 'sha256:twice' };
  await as(author, registerModel, { name: 'twice', tier: 'low' });
  await as(author, registerVersion, again);
  await as(author, deleteVersion, { name: 'twice', version: 1 });
  await as(author, registerVersion, again);
  const { id, revision, evidenceHash } = await as(author, createRequest, {
    model: 'twice',
    version: 2,
    reason: 'It is better on last month.',
  });
  expect(await ask({ model: 'twice', digest: 'sha256:twice' })).toMatchObject({ ok: false });
  await as(ops, decide, { id, decision: 'approve', as: 'ops', revision, evidenceHash, note: 'I have read it.' });
  expect(await ask({ model: 'twice', digest: 'sha256:twice' })).toMatchObject({ ok: true, status: 200 });
});
