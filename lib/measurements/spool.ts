import { and, asc, count, eq, gt, isNotNull, isNull, lt, max, sql } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { batches, inferenceEvents } from '../../db/schema/measurements.ts';
import { models } from '../../db/schema/models.ts';
import { jobActor } from '../access/schema.ts';
import { newId } from '../base/ids.ts';
import { addMs, DAY_MS, SECOND_MS } from '../base/time.ts';
import { execute } from '../shell/command.ts';
import { AppError } from '../shell/errors.ts';
import { removeBlob, storeBlob } from './blobs.ts';
import { upload } from './commands/upload.ts';
import { type Column, type InferenceEvent, type Pair, uploadOf } from './inference.ts';
import { findReferenceColumns } from './queries.ts';

/** A request whose response has not come after a day was not answered (serving systems log successes only), and nobody sends one again. */
const REMEMBERED_MS = DAY_MS;
/** Events of one batch: a file of this many is read in a second. */
const GATHER_MAX = 20_000;
/** How long a logged inference waits for others to share its file: charts are by day, and a file has a price. */
export const GATHER_EVERY_MS = 20 * SECOND_MS;
/** A window is judged anew with each file that meets it: the more files a version had today, the longer the next one is gathered. */
const UNHURRIED_FROM = 100;

/** Keeps one event, durable when this returns. The same event again changes nothing. */
export async function spool(
  db: Db,
  model: { id: string; version: number },
  event: InferenceEvent,
  now: Date,
): Promise<void> {
  await db
    .insert(inferenceEvents)
    .values({
      modelId: model.id,
      version: model.version,
      eventId: event.id,
      kind: event.kind,
      at: event.at,
      columns: event.rows,
      receivedAt: now,
    })
    .onConflictDoNothing();
}

/**
 * Makes batches of the requests that have their response, and forgets what is a day old. May be interrupted
 * anywhere and run anywhere: a gathering is a fixed set of events, and the same file counts once.
 * Returns the ids of the batches made.
 * @throws AggregateError of what kept some gatherings from becoming batches, after all others have; those are done again
 */
export async function gather(db: Db, now: Date): Promise<string[]> {
  await db.delete(inferenceEvents).where(lt(inferenceEvents.receivedAt, addMs(now, -REMEMBERED_MS)));
  const ready = await db.execute<{ model_id: string; version: number }>(sql`
    select distinct r.model_id, r.version from inference_events r
    where r.kind = 'response' and r.gathering is null and r.gathered_at is null and exists (
      select 1 from inference_events q where q.model_id = r.model_id and q.event_id = r.event_id and q.kind = 'request')`);
  for (const { model_id: modelId, version } of ready) {
    if (!(await isDue(db, modelId, version, now))) continue;
    await db.execute(sql`
      update inference_events set gathering = ${newId()} where (model_id, event_id) in (
        select r.model_id, r.event_id from inference_events r
        join inference_events q on q.model_id = r.model_id and q.event_id = r.event_id and q.kind = 'request'
        where r.kind = 'response' and r.gathering is null and r.gathered_at is null and r.model_id = ${modelId} and r.version = ${version}
        order by r.received_at limit ${GATHER_MAX})
      -- Looked at again once a row is locked: another worker may have taken it meanwhile.
      and gathering is null and gathered_at is null`);
  }
  const gatherings = await db
    .selectDistinct({ id: inferenceEvents.gathering, modelId: inferenceEvents.modelId })
    .from(inferenceEvents)
    .where(isNotNull(inferenceEvents.gathering));
  const made: string[] = [];
  const failures: unknown[] = [];
  for (const { id, modelId } of gatherings) {
    if (!id) continue;
    try {
      made.push(...(await finishGathering(db, id, modelId, now)));
    } catch (error) {
      // Its model or version was deleted meanwhile: nobody will ever count these.
      if (error instanceof AppError && error.kind === 'not_found') await forget(db, id);
      else failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '));
  return made;
}

/** After 200 files of a day the next one takes twice as long, after 1,000 ten times, unless as much waits as a file holds. */
async function isDue(db: Db, modelId: string, version: number, now: Date): Promise<boolean> {
  const [day] = await db
    .select({ files: count(), last: max(batches.createdAt) })
    .from(batches)
    .where(and(eq(batches.modelId, modelId), eq(batches.version, version), gt(batches.createdAt, addMs(now, -DAY_MS))));
  if (!day?.last || day.files < UNHURRIED_FROM) return true;
  if (now >= addMs(day.last, (day.files / UNHURRIED_FROM) * GATHER_EVERY_MS)) return true;
  const waiting = db
    .select({ one: sql`1` })
    .from(inferenceEvents)
    .where(
      and(
        eq(inferenceEvents.modelId, modelId),
        eq(inferenceEvents.version, version),
        eq(inferenceEvents.kind, 'response'),
        isNull(inferenceEvents.gathering),
        isNull(inferenceEvents.gatheredAt),
      ),
    )
    .limit(GATHER_MAX);
  return (await db.$count(waiting.as('waiting'))) === GATHER_MAX;
}

const forget = (db: Db, gathering: string) =>
  db.delete(inferenceEvents).where(eq(inferenceEvents.gathering, gathering));

async function finishGathering(db: Db, id: string, modelId: string, now: Date): Promise<string[]> {
  const events = await db
    .select()
    .from(inferenceEvents)
    .where(and(eq(inferenceEvents.gathering, id), eq(inferenceEvents.modelId, modelId)))
    .orderBy(asc(inferenceEvents.eventId));
  const requests = new Map(events.filter((event) => event.kind === 'request').map((event) => [event.eventId, event]));
  const pairs = events.flatMap((event): Pair[] => {
    const request = event.kind === 'response' ? requests.get(event.eventId) : undefined;
    if (!request) return [];
    const columns = { request: request.columns as Column[], response: event.columns as Column[] };
    return [{ id: event.eventId, at: request.at, ...columns }];
  });
  const [model] = await db.select({ name: models.name }).from(models).where(eq(models.id, modelId));
  const version = events.find((event) => event.kind === 'response')?.version;
  if (pairs.length === 0 || !model || version === undefined) return [];
  const reference = await findReferenceColumns(db, modelId, version);
  const { ndjson, roles } = uploadOf(pairs, reference?.columns ?? []);
  const bytes = new TextEncoder().encode(ndjson);
  const blob = await storeBlob(new Blob([bytes]).stream(), bytes.byteLength);
  const input = { model: model.name, version, kind: 'observations', format: 'ndjson', roles, ...blob };
  const noted = execute(upload, input, { db, actor: jobActor('inference log'), now });
  const { batchId, repeated } = await noted.catch(async (error: unknown) => {
    if (!(await isNoted(db, blob.path))) await removeBlob(blob.path);
    throw error;
  });
  if (repeated) await removeBlob(blob.path);
  // What the file holds is dropped; the ids stay, so that an event that is sent again is known.
  await db
    .update(inferenceEvents)
    .set({ columns: [], gathering: null, gatheredAt: now })
    .where(eq(inferenceEvents.gathering, id));
  return [batchId];
}

/** Whether a batch has the file: a connection may be lost after its transaction was committed. */
const isNoted = async (db: Db, path: string): Promise<boolean> =>
  (await db.select({ id: batches.id }).from(batches).where(eq(batches.rawPath, path)).limit(1)).length > 0;
