import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { references, windows } from '../../db/schema/measurements.ts';
import { jobActor } from '../access/schema.ts';
import { numericBins } from '../measurements/bins.ts';
import { finishBatch } from '../measurements/commands/finish-batch.ts';
import { recordCounts } from '../measurements/commands/record-counts.ts';
import { upload } from '../measurements/commands/upload.ts';
import { countRecounted } from '../measurements/queries.ts';
import type { Inspection, ReferenceProfile, WindowCounts } from '../measurements/schema.ts';
import { columnTally } from '../measurements/tally.ts';
import { registerModel } from '../models/commands/register.ts';
import { registerVersion } from '../models/commands/register-version.ts';
import { execute } from '../shell/command.ts';
import { signedIn, testWeb } from '../testing/web.ts';
import { judgeWindows } from './commands/judge-windows.ts';

const REPLAYS = 24;
const BATCHES = 5;
const DAYS = 4;
const { db } = await testWeb();
const person = await signedIn(db, 'data', ['data']);
const actor = {
  ...jobActor('test'),
  kind: 'user' as const,
  id: person.id,
  email: person.email,
  roles: ['data' as const],
};
const job = jobActor('intake');

const bins = numericBins(Float64Array.from({ length: 2_000 }, (_, i) => Math.sin(i) * 10));
const columns = [{ name: 'age', role: 'feature' as const, kind: 'numeric' as const }];
const inspection: Inspection = { rows: 100, kept: 'output', columns, warnings: [] };

function countsOf(seed: number, rows: number) {
  const tally = columnTally(bins);
  tally.add(
    Float64Array.from({ length: rows }, (_, i) => Math.sin(seed * 1_000 + i) * 9 + 0.1),
    new Int32Array(rows),
    rows,
  );
  return tally.read(0);
}

const profile: ReferenceProfile = {
  method: 'reference-bins/1',
  rows: 2_000,
  columns: [{ ...columns[0]!, bins, median: 0, counts: countsOf(0, 2_000) }],
  task: null,
  performance: null,
};
const day = (i: number) => new Date(Date.UTC(2026, 4, 1 + i)).toISOString();
/** What each batch adds: every batch meets every day, and two bring as many rows. */
const added = Array.from({ length: BATCHES }, (_, batch) =>
  Array.from({ length: DAYS }, (_, at): WindowCounts => {
    const n = 200 + 50 * (batch % 4);
    return {
      start: day(at),
      end: day(at + 1),
      n,
      columns: { age: countsOf(1 + batch * DAYS + at, n) },
      performance: null,
    };
  }),
);

async function send(
  version: number,
  kind: 'reference' | 'observations',
  batch: number,
  model = 'replayed',
): Promise<string> {
  const sha256 = String(batch).padStart(64, '0');
  const input = { model, version, kind, format: 'csv', roles: {}, sha256, bytes: 1, path: '/nowhere' };
  return (await execute(upload, input, { db, actor })).batchId;
}

async function replay(version: number, order: readonly number[]): Promise<string> {
  await execute(registerVersion, { name: 'replayed', source: `s3://replayed/${version}` }, { db, actor });
  const reference = await send(version, 'reference', BATCHES);
  const nothing = { parquetPath: '/nowhere', inspection: null, profile: null, counted: null };
  await execute(recordCounts, { ...nothing, batchId: reference, inspection, profile }, { db, actor: job });
  const [held] = await db.select().from(references).where(eq(references.batchId, reference));
  for (const batch of order) {
    const batchId = await send(version, 'observations', batch);
    const counted = { referenceId: held!.id, windows: added[batch]! };
    await execute(recordCounts, { ...nothing, batchId, inspection, counted }, { db, actor: job });
    const starts = added[batch]!.map(({ start }) => start);
    await execute(judgeWindows, { modelId: held!.modelId, version, starts }, { db, actor: job });
  }
  const judged = await db.select().from(windows).where(eq(windows.referenceId, held!.id)).orderBy(windows.start);
  return JSON.stringify(judged.map(({ version: _, referenceId: __, updatedAt: ___, ...row }) => row));
}

/** Mulberry32, uniform in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

it('late and repeated batches leave the same stored windows in whatever order they come', async () => {
  await execute(registerModel, { name: 'replayed' }, { db, actor });
  const random = seeded(9);
  const inOrder = await replay(
    1,
    added.map((_, batch) => batch),
  );
  expect(JSON.parse(inOrder)).toHaveLength(DAYS);
  for (let version = 2; version <= REPLAYS; version++) {
    const repeats = [0, 1].map(() => Math.floor(random() * BATCHES));
    const order = [...added.keys(), ...repeats]
      .map((batch) => ({ batch, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ batch }) => batch);
    expect([order, await replay(version, order)]).toEqual([order, inOrder]);
  }
}, 120_000);

it('a new reference has every file read anew, one by one, and tells how far it has come', async () => {
  const name = 'recounted';
  await execute(registerModel, { name }, { db, actor });
  await execute(registerVersion, { name, source: 's3://recounted/1' }, { db, actor });
  const nothing = { parquetPath: '/nowhere', inspection: null, profile: null, counted: null };
  const refer = async (batch: number) => {
    const batchId = await send(1, 'reference', batch, name);
    await execute(recordCounts, { ...nothing, batchId, inspection, profile }, { db, actor: job });
    const [held] = await db.select().from(references).where(eq(references.batchId, batchId));
    return { id: held!.id, modelId: held!.modelId, version: 1 };
  };
  const first = await refer(BATCHES);
  const sent: string[] = [];
  for (const batch of added.keys()) sent.push(await send(1, 'observations', batch, name));
  const record = async (referenceId: string, batch: number) => {
    const counted = { referenceId, windows: added[batch]! };
    await execute(recordCounts, { ...nothing, batchId: sent[batch]!, inspection, counted }, { db, actor: job });
    await execute(finishBatch, { batchId: sent[batch]!, errors: [] }, { db, actor: job });
  };
  for (const batch of added.keys()) await record(first.id, batch);
  expect(await countRecounted(db, first)).toEqual({ counted: BATCHES, total: BATCHES });

  const second = await refer(BATCHES + 1);
  expect(await countRecounted(db, second)).toEqual({ counted: 0, total: BATCHES });
  await record(second.id, 0);
  // As after a kill: the same file once more.
  await record(second.id, 0);
  expect(await countRecounted(db, second)).toEqual({ counted: 1, total: BATCHES });
  expect(await countRecounted(db, first)).toEqual({ counted: BATCHES, total: BATCHES });
});
