// From a Parquet file of 1M rows and 20 columns to stored windows and verdicts, against a bare DuckDB scan of the same file.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DuckDBInstance } from '@duckdb/node-api';
import { createUser } from '../lib/access/commands/create-user.ts';
import { jobActor } from '../lib/access/schema.ts';
import { processBatch } from '../lib/incidents/jobs.ts';
import { storeBlob } from '../lib/measurements/blobs.ts';
import { upload } from '../lib/measurements/commands/upload.ts';
import { registerModel } from '../lib/models/commands/register.ts';
import { registerVersion } from '../lib/models/commands/register-version.ts';
import { execute } from '../lib/shell/command.ts';
import { openBench } from './workspace.ts';

const ROWS = Number(process.argv[2] ?? 1_000_000);
const DAYS = 30;
const NUMERIC = 15;
const CATEGORICAL = 5;

const bench = await openBench();
const instance = await DuckDBInstance.create(':memory:');
const duckdb = await instance.connect();
try {
  const numeric = Array.from({ length: NUMERIC }, (_, i) => `(random() * ${i + 1} + random())::double as number_${i}`);
  const words = Array.from({ length: CATEGORICAL }, (_, i) => `'word ' || floor(random() * ${4 + 3 * i}) as word_${i}`);
  const write = async (name: string): Promise<string> => {
    const path = join(bench.folder, name);
    await duckdb.run(`copy (
      select timestamp '2026-01-01' + to_seconds(i * ${(DAYS * 86_400) / ROWS}) as "at", random() as score,
        (random() > 0.5)::int as label, ${[...numeric, ...words].join(', ')}
      from range(${ROWS}) as r(i)) to '${path}' (format parquet)`);
    return path;
  };
  await duckdb.run('select setseed(0.5)');
  const [reference, current] = [await write('reference.parquet'), await write('current.parquet')];

  const { db } = bench;
  const roles = ['data', 'admin'];
  const person = { email: 'bench@test.local', name: 'Bench', roles };
  const { id } = await execute(createUser, person, { db, actor: jobActor('bench') });
  const actor = { ...jobActor('bench'), kind: 'user' as const, id, email: person.email, roles: ['data' as const] };
  await execute(registerModel, { name: 'bench' }, { db, actor });
  await execute(registerVersion, { name: 'bench', source: 's3://bench/1' }, { db, actor });

  const send = async (kind: 'reference' | 'observations', path: string): Promise<number> => {
    const from = performance.now();
    const { size } = await stat(path);
    const blob = await storeBlob(Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>, size);
    const input = {
      model: 'bench',
      version: 1,
      kind,
      format: 'parquet',
      roles: { timestamp: 'at', score: 'score', label: 'label' },
    };
    const { batchId } = await execute(upload, { ...input, ...blob }, { db, actor });
    await processBatch(db, batchId);
    return performance.now() - from;
  };
  const scan = async (path: string): Promise<number> => {
    const columns = Array.from({ length: NUMERIC }, (_, i) => `sum(number_${i})`);
    const texts = Array.from({ length: CATEGORICAL }, (_, i) => `count(distinct word_${i})`);
    const from = performance.now();
    await duckdb.runAndReadAll(
      `select count(*), ${[...columns, ...texts].join(', ')} from '${path}' group by date_trunc('day', "at")`,
    );
    return performance.now() - from;
  };
  await scan(current);
  const floor = await scan(current);
  console.log(`${ROWS} rows, ${NUMERIC} numeric and ${CATEGORICAL} categorical columns, ${DAYS} days`);
  console.log(`bare DuckDB scan by day: ${floor.toFixed(0)} ms`);
  for (const [kind, path] of [
    ['reference', reference],
    ['observations', current],
  ] as const) {
    const ms = await send(kind, path);
    const [batch] = await bench.sql`select state, rows from batches order by created_at desc limit 1`;
    console.log(
      `${kind}: ${ms.toFixed(0)} ms, file to stored result (${batch?.state}, ${batch?.rows} rows); ratio ${(ms / floor).toFixed(1)}`,
    );
  }
} finally {
  duckdb.closeSync();
  instance.closeSync();
  await bench.end();
}
