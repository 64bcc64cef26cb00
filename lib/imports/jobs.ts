import { setTimeout as sleep } from 'node:timers/promises';
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { type ImportConflict, type ImportFailure, imports } from '../../db/schema/imports.ts';
import { type Actor, jobActor } from '../access/schema.ts';
import { SECOND_MS } from '../base/time.ts';
import { importModel } from '../models/commands/import.ts';
import { execute } from '../shell/command.ts';
import { AppError } from '../shell/errors.ts';
import { allowedFromEnvironment, get, OutboundError } from '../shell/outbound.ts';
import { endImport } from './commands/end.ts';
import { getImport, type ImportRow, openToken } from './queries.ts';
import { type Fetch, listModels, partsOf, readOffer, SourceRefusal } from './source.ts';

/** What is listed of conflicts and failures; their numbers are whole. */
const LISTED = 500;
/** A server that restarts is back by then; one that stays away fails the import, which can be started again. */
const PAUSES_MS = [1 * SECOND_MS, 5 * SECOND_MS, 15 * SECOND_MS];

/** The other server did not answer as it should, however often it was asked. */
class SourceError extends Error {}

/**
 * One import from where it stopped to its end, model after model in the order of their names. Idempotent: killed
 * anywhere, it runs again from the last model that was noted; one that came over before changes nothing.
 */
export async function runImport(db: Db, id: string, pauses: readonly number[] = PAUSES_MS): Promise<void> {
  const [row] = await db
    .update(imports)
    .set({ state: 'running', updatedAt: new Date() })
    .where(and(eq(imports.id, id), inArray(imports.state, ['queued', 'running'])))
    .returning();
  if (!row) return;
  const actor = actorOf(row);
  const end = (state: 'finished' | 'failed', error: string | null) =>
    execute(endImport, { id, state, error }, { db, actor });
  const token = openToken(row);
  if (token === undefined) {
    await end(
      'failed',
      'The token cannot be opened: AUTH_SECRET is another one than when it was given. Give it again.',
    );
    return;
  }
  try {
    if (await bringOver(db, row, reader(row.source, token, pauses), actor)) await end('finished', null);
  } catch (error) {
    if (!(error instanceof SourceError || error instanceof SourceRefusal)) throw error;
    await end('failed', error.message.slice(0, 500));
  }
}

const actorOf = (row: ImportRow): Actor => ({
  ...jobActor('import'),
  name: `Import by ${row.startedBy}`.slice(0, 200),
});

/** The one model that a webhook of the other server named. What cannot be read now is tried again by the queue. */
export async function importNamed(db: Db, id: string, model: string, pauses: readonly number[] = PAUSES_MS) {
  const row = await getImport(db, id);
  const token = openToken(row);
  if (row.followSecret === null || token === undefined) return;
  const { failures, conflicts } = await importOne(db, model, reader(row.source, token, pauses), actorOf(row));
  if (failures.length + conflicts.length === 0) return;
  await db
    .update(imports)
    .set({ ...listed(conflicts, failures), updatedAt: new Date() })
    .where(eq(imports.id, id));
}

/** False when somebody cancelled it, or another worker went on with it. */
async function bringOver(db: Db, row: ImportRow, read: Fetch, actor: Actor): Promise<boolean> {
  const names: string[] = [];
  for await (const { name } of listModels(read)) names.push(name);
  names.sort();
  await db.update(imports).set({ modelsTotal: names.length }).where(eq(imports.id, row.id));
  let reached = row.reached;
  for (const name of names.filter((one) => row.reached === null || one > row.reached)) {
    const step = await importOne(db, name, read, actor);
    if (!(await note(db, row.id, reached, name, step))) return false;
    reached = name;
  }
  return true;
}

type Step = { created: boolean; versions: number; conflicts: ImportConflict[]; failures: ImportFailure[] };

async function importOne(db: Db, name: string, read: Fetch, actor: Actor): Promise<Step> {
  const step: Step = { created: false, versions: 0, conflicts: [], failures: [] };
  try {
    for (const part of partsOf(await readOffer({ name }, read, read))) {
      const report = await execute(importModel, part, { db, actor });
      step.created ||= report.created;
      step.versions += report.versions.length;
      step.conflicts.push(...report.conflicts.map((conflict) => ({ model: name, ...conflict })));
    }
  } catch (error) {
    // What this model holds, or is called, must not keep the others out; what is ours to mend is tried again.
    if (error instanceof SourceError || (error instanceof AppError && error.kind === 'unavailable')) throw error;
    if (!(error instanceof AppError) && !(error instanceof SourceRefusal)) throw error;
    step.failures.push({ model: name, message: error.message.slice(0, 500) });
  }
  return step;
}

function listed(conflicts: ImportConflict[], failures: ImportFailure[]) {
  const joined = (column: typeof imports.conflicts | typeof imports.failures, more: unknown[]) =>
    sql`case when jsonb_array_length(${column}) < ${LISTED} then ${column} || ${JSON.stringify(more.slice(0, LISTED))}::jsonb else ${column} end`;
  return {
    conflictCount: sql`${imports.conflictCount} + ${conflicts.length}`,
    failureCount: sql`${imports.failureCount} + ${failures.length}`,
    ...(conflicts.length > 0 ? { conflicts: joined(imports.conflicts, conflicts) } : {}),
    ...(failures.length > 0 ? { failures: joined(imports.failures, failures) } : {}),
  };
}

/** Progress is noted only by who noted the step before, while the import is running. */
async function note(db: Db, id: string, before: string | null, reached: string, step: Step): Promise<boolean> {
  const noted = await db
    .update(imports)
    .set({
      reached,
      modelsDone: sql`${imports.modelsDone} + 1`,
      modelsCreated: sql`${imports.modelsCreated} + ${step.created ? 1 : 0}`,
      versionsAdded: sql`${imports.versionsAdded} + ${step.versions}`,
      ...listed(step.conflicts, step.failures),
      updatedAt: new Date(),
    })
    .where(
      and(eq(imports.id, id), eq(imports.state, 'running'), sql`${imports.reached} is not distinct from ${before}`),
    )
    .returning({ id: imports.id });
  return noted.length > 0;
}

/** Asks the other server through the guard of outgoing calls; undefined for what it does not have. */
function reader(source: string, token: string | null, pauses: readonly number[]): Fetch {
  const authorization = token?.includes(':') ? `Basic ${Buffer.from(token).toString('base64')}` : `Bearer ${token}`;
  const headers = {
    accept: 'application/json',
    'user-agent': 'Plumbline-Import/1',
    ...(token ? { authorization } : {}),
  };
  const ask = async (url: string): Promise<Record<string, unknown> | undefined> => {
    const answer = await get({ url, headers, allowed: allowedFromEnvironment() });
    if (answer.status === 404) return undefined;
    if (answer.status === 401 || answer.status === 403)
      throw new SourceError(`The server answered ${answer.status}: the token is missing, wrong, or may not read.`);
    if (answer.status >= 500 || answer.status === 429) throw new OutboundError(`It answered ${answer.status}.`);
    if (answer.status !== 200) throw new SourceRefusal(`The server answered ${answer.status}.`);
    return objectOf(answer.body);
  };
  return async (path, query) => {
    const url = `${source}/api/2.0/mlflow/${path}?${new URLSearchParams(query)}`;
    for (const pause of pauses) {
      try {
        return await ask(url);
      } catch (error) {
        if (!(error instanceof OutboundError)) throw error;
        await sleep(pause);
      }
    }
    return ask(url).catch((error: unknown) => {
      throw error instanceof OutboundError ? new SourceError(`The server cannot be read. ${error.message}`) : error;
    });
  };
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below, like any other answer that is not the protocol's.
  }
  throw new SourceError('The server does not answer like an MLflow server.');
}
