import type { LocalFile } from './blob-cache.ts';
import { draftBlob, keepBlob, openBlob } from './blobs.ts';
import type { Done, EngineAnswer, Job } from './job.ts';
import { asidePath } from './job-files.ts';

/**
 * Runs a job on files of this machine, whatever addresses it names: what it reads is fetched where it lies in a bucket, and what it writes
 * is made durable at the address it was asked for. The reader itself reaches no network.
 * @throws AppError where the bucket is away or a file is no longer in it
 */
export async function withLocalFiles(
  asked: Job,
  run: (local: Job) => Promise<EngineAnswer<Done>>,
): Promise<EngineAnswer<Done>> {
  const opened = new Map<string, LocalFile>();
  const here = (address: string): string => opened.get(address)?.path ?? address;
  try {
    const { read, written } = addressesOf(asked);
    const files = [
      ...read.map(async (address) => opened.set(address, await openBlob(address))),
      ...written.map(async (address) => opened.set(address, await draftBlob(address))),
    ];
    // All of them settle before any is released: one that opens later would stay.
    for (const file of await Promise.allSettled(files)) if (file.status === 'rejected') throw file.reason;
    const answer = await run(withPaths(asked, here, here));
    return answer.ok ? { ...answer, ...(await keepWritten(written, answer, here)) } : answer;
  } finally {
    await Promise.all([...opened.values()].map((file) => file.release()));
  }
}

/** The converted file and the rows that do not count, each where there is one; says where the latter are now. */
async function keepWritten(
  written: readonly string[],
  { inspection }: Done,
  here: (address: string) => string,
): Promise<Pick<Done, 'inspection'>> {
  const [output] = written;
  if (output === undefined || !inspection) return {};
  const { kept, aside } = inspection;
  if (kept === 'output') await keepBlob(output, here(output));
  if (aside) await keepBlob(asidePath(output), aside.path);
  return { inspection: aside ? { ...inspection, aside: { ...aside, path: asidePath(output) } } : inspection };
}

/** The addresses that a job names, each once. */
function addressesOf(asked: Job): { read: string[]; written: string[] } {
  const [read, written] = [new Set<string>(), new Set<string>()];
  const note = (set: Set<string>) => (address: string) => {
    set.add(address);
    return address;
  };
  withPaths(asked, note(read), note(written));
  return { read: [...read], written: [...written] };
}

/** The same job on other paths. */
function withPaths(asked: Job, read: (address: string) => string, written: (address: string) => string): Job {
  const parquet = <T extends { parquet: string }>(file: T): T => ({ ...file, parquet: read(file.parquet) });
  const labels = <T extends { labels?: string[] | undefined }>(job: T): T =>
    job.labels ? { ...job, labels: job.labels.map(read) } : job;
  const upload = <T extends { path: string; output: string }>(job: T): T => ({
    ...job,
    path: read(job.path),
    output: written(job.output),
  });
  switch (asked.op) {
    case 'inspect':
      return { op: asked.op, job: upload(asked.job) };
    case 'reference':
      return { op: asked.op, job: upload(asked.job) };
    case 'observations':
      return { op: asked.op, job: labels(upload(asked.job)) };
    case 'profile':
      return { op: asked.op, job: parquet(asked.job) };
    case 'count':
      return { op: asked.op, job: labels({ ...asked.job, files: asked.job.files.map(parquet) }) };
    case 'segments':
      return { op: asked.op, job: labels({ ...asked.job, files: asked.job.files.map(parquet) }) };
    case 'match': {
      const { labels: path, observations } = asked.job;
      return { op: asked.op, job: { labels: read(path), observations: observations.map(parquet) } };
    }
    case 'exact': {
      const { reference, observations } = asked.job;
      return {
        op: asked.op,
        job: { ...asked.job, reference: parquet(reference), observations: observations.map(parquet) },
      };
    }
  }
}
