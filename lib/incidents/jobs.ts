import type { Db } from '../../db/client.ts';
import { jobActor } from '../access/schema.ts';
import { judgeWindows } from '../drift/commands/judge-windows.ts';
import { finish, giveBack, takeIn } from '../measurements/jobs.ts';
import { execute } from '../shell/command.ts';
import { evaluate } from './commands/evaluate.ts';

const actor = jobActor('evaluation');

/** A batch all the way: read, count, judge its windows, judge the model's goals; only then is it done. */
export async function processBatch(db: Db, batchId: string, again = false): Promise<void> {
  const intake = await takeIn(db, batchId, again);
  if (!intake) return;
  try {
    await execute(judgeWindows, intake, { db, actor });
    await execute(evaluate, { model: intake.modelId }, { db, actor });
    await finish(db, batchId);
  } catch (error) {
    await giveBack(db, batchId);
    throw error;
  }
}

export const evaluateModel = async (db: Db, modelId: string): Promise<void> => {
  await execute(evaluate, { model: modelId }, { db, actor });
};
