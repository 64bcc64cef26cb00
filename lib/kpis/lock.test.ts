import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { registerModel } from '../models/commands/register.ts';
import { execute } from '../shell/command.ts';
import { testDatabase } from '../testing/database.ts';
import { rankingGoal } from '../testing/goal.ts';
import { person } from '../testing/people.ts';
import { createKpi } from './commands/create.ts';
import { deleteKpi } from './commands/delete.ts';
import { updateKpi } from './commands/update.ts';

const { db } = await testDatabase();
it('a goal stays as it is while its model is held, as it is from the last look before a deployment to its end', async () => {
  const as = { db, actor: await person(db, 'admin', ['admin', 'product']) };
  await execute(registerModel, { name: 'ranker' }, as);
  const { id } = await execute(
    createKpi,
    { model: 'ranker', contract: rankingGoal, reason: 'It is what we sell.' },
    as,
  );
  const reason = 'We promised more.';
  await db.transaction(async (tx) => {
    await tx.execute(sql`select 1 from models where name = 'ranker' for no key update`);
    const tries = await Promise.allSettled([
      execute(updateKpi, { id, expectedVersion: 1, changes: { target: 0.95 }, reason }, as),
      execute(deleteKpi, { id, expectedVersion: 1, reason }, as),
    ]);
    const waited = { status: 'rejected', reason: { cause: { code: '55P03' } } };
    expect(tries).toMatchObject([waited, waited]);
  });
  const changed = await execute(updateKpi, { id, expectedVersion: 1, changes: { target: 0.95 }, reason }, as);
  expect(changed).toMatchObject({ version: 2, contract: { target: 0.95 } });
});
