// Our whole path, in a process of its own: Postgres, the upload command, the reader, the judged windows. A JSON line for each stage of each
// round; a round is a model of its own. The first rows go through it before: the peers' start-up is not counted either, and a server has
// read files before.
import { type FileHandle, open, stat } from 'node:fs/promises';
import { createUser } from '../lib/access/commands/create-user.ts';
import { jobActor } from '../lib/access/schema.ts';
import { processBatch } from '../lib/incidents/jobs.ts';
import { storeBlob } from '../lib/measurements/blobs.ts';
import { upload } from '../lib/measurements/commands/upload.ts';
import type { UploadFormat } from '../lib/measurements/schema.ts';
import { registerModel } from '../lib/models/commands/register.ts';
import { registerVersion } from '../lib/models/commands/register-version.ts';
import { execute } from '../lib/shell/command.ts';
import { treeCpuMs } from './process-usage.ts';
import { openBench } from './workspace.ts';

const [format, reference, current, first] = process.argv.slice(2) as [UploadFormat, string, string, string];
const ROUNDS = 3;
/** Read in pieces as large as those that are written: handing over the file is not what is measured. */
const PIECE_BYTES = 1024 ** 2;

/** A file as a request body; its pieces share their memory, because each is taken before the next is asked for. */
function bodyOf(path: string): ReadableStream<Uint8Array> {
  const piece = new Uint8Array(PIECE_BYTES);
  let file: FileHandle | undefined;
  const pull = async (body: ReadableStreamDefaultController<Uint8Array>) => {
    file ??= await open(path);
    const { bytesRead } = await file.read(piece, 0, PIECE_BYTES);
    if (bytesRead > 0) return body.enqueue(piece.subarray(0, bytesRead));
    await file.close();
    body.close();
  };
  return new ReadableStream({ pull }, { highWaterMark: 0 });
}

const bench = await openBench();
try {
  const { db } = bench;
  const person = { email: 'bench@test.local', name: 'Bench', roles: ['data', 'admin'] };
  const { id } = await execute(createUser, person, { db, actor: jobActor('bench') });
  const actor = { ...jobActor('bench'), kind: 'user' as const, id, email: person.email, roles: ['data' as const] };
  const rounds = Array.from({ length: ROUNDS }, (_, round) => `round ${round + 1}`);
  for (const model of ['first rows', ...rounds]) {
    await execute(registerModel, { name: model }, { db, actor });
    await execute(registerVersion, { name: model, source: 's3://bench/1' }, { db, actor });
  }
  /** A file from its bytes to judged windows. */
  const sent = async (model: string, kind: 'reference' | 'observations', path: string): Promise<string> => {
    const { size } = await stat(path);
    const blob = await storeBlob(bodyOf(path), size);
    const input = { model, version: 1, kind, format, roles: { timestamp: 'at' } };
    const { batchId } = await execute(upload, { ...input, ...blob }, { db, actor });
    await processBatch(db, batchId);
    return batchId;
  };
  const timed = async (stage: string, work: () => Promise<string>): Promise<string> => {
    const [from, cpu] = [performance.now(), treeCpuMs(process.pid)];
    const batchId = await work();
    const [wallMs, cpuMs] = [performance.now() - from, treeCpuMs(process.pid) - cpu];
    const [batch] = await bench.sql`select state, rows, windows, errors from batches where id = ${batchId}`;
    if (batch?.state !== 'done') throw new Error(JSON.stringify(batch?.errors));
    console.log(JSON.stringify({ stage, wallMs, cpuMs, rows: Number(batch.rows), windows: batch.windows }));
    return batchId;
  };
  await sent('first rows', 'reference', first);
  await sent('first rows', 'observations', first);
  for (const model of rounds) {
    await timed('reference', () => sent(model, 'reference', reference));
    const batchId = await timed('observations', () => sent(model, 'observations', current));
    await timed('again', async () => {
      await processBatch(db, batchId, true);
      return batchId;
    });
  }
} finally {
  await bench.end();
}
