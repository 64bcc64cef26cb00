import { expect, it } from 'vitest';
import { kpiPoints } from '../../db/schema/kpis.ts';
import { latestWindows } from '../../db/schema/measurements.ts';
import { newId } from '../base/ids.ts';
import { addMs, DAY_MS } from '../base/time.ts';
import { createKpi } from '../kpis/commands/create.ts';
import type { PointState } from '../kpis/schema.ts';
import { registerModel } from '../models/commands/register.ts';
import { registerVersion } from '../models/commands/register-version.ts';
import { execute } from '../shell/command.ts';
import { testDatabase } from '../testing/database.ts';
import { rankingGoal } from '../testing/goal.ts';
import { person } from '../testing/people.ts';
import { createRequest } from './commands/create.ts';

const { db } = await testDatabase();
const as = { db, actor: await person(db, 'author', ['data']) };
// A request needs somebody who could agree to it.
await person(db, 'ops', ['ops']);
let made = 0;
/** What is frozen of goals in these states, whose data ended so many days ago. */
async function signed(states: readonly PointState[], days = 1) {
  const name = `model-${++made}`;
  const { id: modelId } = await execute(registerModel, { name, tier: 'low' }, as);
  await execute(registerVersion, { name, source: `s3://${name}/1` }, as);
  const end = addMs(new Date(), -days * DAY_MS);
  const window = { modelId, version: 1, referenceId: newId(), start: addMs(end, -DAY_MS), end, n: 500, revision: 1 };
  await db.insert(latestWindows).values(window);
  for (const [n, state] of states.entries()) {
    const goal = { ...rankingGoal, name: `${rankingGoal.name} ${n}` };
    const { id } = await execute(createKpi, { model: name, contract: goal, reason: 'A first goal.' }, as);
    const point = { kpiId: id, at: end, kpiVersion: 1, value: 0.95, n: 500, state, evaluatedAt: end };
    if (state !== 'no_data') await db.insert(kpiPoints).values(point);
  }
  const { evidence } = await execute(createRequest, { model: name, version: 1, reason: 'It is better now.' }, as);
  const { verdict, detail } = evidence.checks.find(({ id }) => id === 'goals')!;
  return { verdict, detail, states: evidence.goals.map(({ state }) => state) };
}

it.each([
  [['ok'], 'pass', '1 of 1 on target.'],
  [['ok', 'ok'], 'pass', '2 of 2 on target.'],
  [['ok', 'watch'], 'watch', '1 of 2 on target.'],
  [['pending'], 'watch', '0 of 1 on target.'],
  [['breach', 'ok'], 'watch', '1 of 2 on target.'],
  [['ok', 'no_data'], 'watch', '1 of 2 on target.'],
  [['no_data'], 'not_run', '0 of 1 on target.'],
  [[], 'not_run', 'No goal is set.'],
] as const)('of goals that are %s the check is signed as %s', async (states, verdict, detail) => {
  expect(await signed(states)).toMatchObject({ verdict, detail });
});

it('no goal passes on figures of data that stopped, and it is signed since when', async () => {
  const { verdict, detail, states } = await signed(['ok'], 30);
  expect({ verdict, states }).toEqual({ verdict: 'watch', states: ['no_data'] });
  expect(detail).toMatch(/^0 of 1 on target\. No data since \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/);
});
