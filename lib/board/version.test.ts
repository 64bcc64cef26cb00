import { beforeAll, describe, expect, it } from 'vitest';
import { deleteAlias } from '../models/commands/delete-alias.ts';
import { registerVersion } from '../models/commands/register-version.ts';
import { renameModel } from '../models/commands/rename.ts';
import { setAlias } from '../models/commands/set-alias.ts';
import { execute } from '../shell/command.ts';
import { REASON, testWorkspace } from '../testing/refusals.ts';
import { signedIn } from '../testing/web.ts';
import { getBoard } from './queries.ts';
import { getVersionPage } from './version.ts';

const { db, admin, send } = await testWorkspace();
const as = { db, actor: admin };

describe('the page of a version', () => {
  beforeAll(async () => {
    const metrics = { auc: 0.91 };
    await execute(registerVersion, { name: 'churn', source: 's3://m/2', metrics, dataset: { name: 'q3' } }, as);
    await execute(registerVersion, { name: 'churn', source: 's3://m/3' }, as);
    for (const version of [1, 2]) await execute(setAlias, { name: 'churn', alias: 'shadow', version }, as);
    await execute(deleteAlias, { name: 'churn', alias: 'shadow' }, as);
  });

  it('says whether its data was seen, only named, or neither', async () => {
    expect((await getVersionPage(db, 'churn', 1)).origin).toMatchObject({
      state: 'evidenced',
      reference: { rows: 200 },
    });
    expect((await getVersionPage(db, 'churn', 2)).origin).toMatchObject({ state: 'stated', dataset: { name: 'q3' } });
    expect((await getVersionPage(db, 'churn', 3)).origin).toEqual({ state: 'missing', dataset: null, reference: null });
  });

  it('tells every move of an alias, by hand and by deployment, from where to where', async () => {
    const ops = await signedIn(db, 'ops', ['ops']);
    const asked = await send('POST /approvals', { body: { model: 'churn', version: 1, reason: REASON } });
    const { id, revision, evidenceHash } = asked.body;
    const vote = { decision: 'approve', as: 'ops', revision, evidenceHash };
    await send('POST /approvals/[id]/decide', { params: { id: String(id) }, body: vote, cookie: ops.cookie });
    expect((await send('POST /approvals/[id]/deploy', { params: { id: String(id) }, body: {} })).status).toBe(200);
    const { model } = await getBoard(db, ops, { m: 'churn' }, new Date());
    expect(model?.can.rollback).toMatchObject({ ok: false, code: 'nothing_before' });
    const { aliasHistory, live, deployments } = await getVersionPage(db, 'churn', 2);
    expect(aliasHistory.map(({ alias, from, to }) => [alias, from, to])).toEqual([
      ['shadow', null, 1],
      ['shadow', 1, 2],
      ['shadow', 2, null],
      ['champion', null, 1],
    ]);
    expect(live).toEqual({ version: 1, metrics: {} });
    expect(deployments).toEqual([]);
    expect((await getVersionPage(db, 'churn', 1)).deployments).toHaveLength(1);
  });

  it('keeps all of it when the model is renamed', async () => {
    const before = await getVersionPage(db, 'churn', 1);
    await execute(renameModel, { name: 'churn', newName: 'churn-renamed' }, as);
    expect(await getVersionPage(db, 'churn-renamed', 1)).toEqual(before);
  });
});
