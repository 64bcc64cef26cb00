import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Actor } from '../access/schema.ts';
import { sha256 } from '../base/hash.ts';
import { addMs, DAY_MS } from '../base/time.ts';
import { createKpi } from '../kpis/commands/create.ts';
import { listKpiPoints } from '../kpis/queries.ts';
import { upload } from '../measurements/commands/upload.ts';
import { registerModel } from '../models/commands/register.ts';
import { registerVersion } from '../models/commands/register-version.ts';
import { execute } from '../shell/command.ts';
import { testDatabase } from '../testing/database.ts';
import { person } from '../testing/people.ts';
import { processBatch } from './jobs.ts';

const { db } = await testDatabase();
const folder = mkdtempSync(join(tmpdir(), 'plumbline-known-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let admin: Actor;
beforeAll(async () => {
  admin = await person(db, 'admin', ['admin']);
});

const MODEL = 'loans';
const CASES = 100;
/** Predicted 1 throughout: the outcomes alone say how often that was right. */
const rows = Array.from({ length: CASES }, (_, i) => `a${i},2025-01-10T${String(i % 24).padStart(2, '0')}:00:00Z,1`);

let files = 0;
async function send(kind: 'reference' | 'observations' | 'labels', content: string, roles: object): Promise<string> {
  files += 1;
  const path = join(folder, String(files));
  writeFileSync(path, content);
  const file = { sha256: sha256(content), bytes: Buffer.byteLength(content), path };
  const input = { model: MODEL, version: 1, kind, format: 'csv', roles, ...file };
  const { batchId } = await execute(upload, input, { db, actor: admin });
  await processBatch(db, batchId);
  return batchId;
}
/** Late outcomes, and the reading of the observations anew that they ask the worker for. */
async function labels(of: Record<number, number>, observations: string): Promise<void> {
  const lines = Object.entries(of).map(([i, truth]) => `a${i},${truth}`);
  await send('labels', `id,truth\n${lines.join('\n')}\n`, { id: 'id', label: 'truth' });
  await processBatch(db, observations, true);
}
const all = (truth: (i: number) => number) =>
  Object.fromEntries(Array.from({ length: CASES }, (_, i) => [i, truth(i)]));

it('outcomes that come late, twice and corrected change the past, and what was known at each time stays known', async () => {
  await execute(registerModel, { name: MODEL }, { db, actor: admin });
  await execute(registerVersion, { name: MODEL, source: 's3://m/1' }, { db, actor: admin });
  const contract = {
    name: 'Right answers',
    metric: 'accuracy',
    unit: 'share',
    direction: 'higher_is_better',
    target: 0.95,
    limits: { breach: 0.5 },
    window: '1d',
    minSamples: 50,
    owner: 'admin@test.local',
  };
  const { id } = await execute(createKpi, { model: MODEL, contract, reason: 'For the test.' }, { db, actor: admin });
  const data = { id: 'id', timestamp: 'at', prediction: 'said' };
  const learned = Array.from({ length: CASES }, (_, i) => `r${i},2024-06-0${1 + (i % 5)}T10:00:00Z,${i % 2},${i % 2}`);
  await send('reference', `id,at,said,truth\n${learned.join('\n')}\n`, { ...data, label: 'truth' });
  const seen = await send('observations', `id,at,said\n${rows.join('\n')}\n`, data);

  // Each step reads the value now, and remembers when that was.
  const steps: { at: Date; value: number | null; n: number }[] = [];
  const look = async (asOf?: Date) => {
    const point = (await listKpiPoints(db, id, undefined, asOf)).at(-1);
    return { value: point?.value ?? null, n: point?.n ?? 0 };
  };
  const step = async (work?: Promise<void>) => {
    await work;
    const now = await look();
    steps.push({ at: new Date(), ...now });
    // The next change is known later than this one, also on a clock of milliseconds.
    while (Date.now() === steps.at(-1)!.at.getTime()) await new Promise(setImmediate);
    return now;
  };
  expect(await step()).toEqual({ value: null, n: 0 });
  // More than a year late, in two files, the second half first.
  const late = all((i) => Number(i % 5 > 0));
  const half = (from: number) =>
    Object.fromEntries(Object.entries(late).filter(([i]) => Math.floor(Number(i) / 50) === from));
  await step(labels(half(1), seen));
  expect(await step(labels(half(0), seen))).toEqual({ value: 0.8, n: CASES });
  expect(await step(labels({ ...half(0), 1: 1 }, seen))).toEqual({ value: 0.8, n: CASES });
  // A correction: the same case again with another outcome; the later file is right.
  expect(await step(labels({ 0: 1, 5: 1 }, seen))).toEqual({ value: 0.82, n: CASES });

  // What is found as it was is not written again.
  const written = () => db.execute(sql`select ctid::text as place, xmin::text as by from kpi_points order by at`);
  const before = await written();
  await processBatch(db, seen, true);
  expect(await written()).toEqual(before);

  for (const { at, ...known } of steps) expect(await look(at)).toEqual(known);
  expect(await listKpiPoints(db, id, undefined, addMs(steps[0]!.at, -DAY_MS))).toEqual([]);
});
