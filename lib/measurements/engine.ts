import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Examination } from '../contracts/schema.ts';
import { AppError } from '../shell/errors.ts';
import { noSpace } from './blob-folder.ts';
import {
  type ChildLine,
  type CountJob,
  childLine,
  type Done,
  type EngineAnswer,
  type ExactDistances,
  type ExactJob,
  type InspectJob,
  type Job,
  type LabelMatch,
  type MatchJob,
  type ObservationsJob,
  type ProfileJob,
  type Progress,
  type ReferenceJob,
  type SegmentsJob,
} from './job.ts';
import { withLocalFiles } from './local-files.ts';
import type {
  Inspection,
  ReferenceProfile,
  SegmentCounts,
  UploadFault,
  UploadFaultCode,
  WindowCounts,
} from './schema.ts';

/** A million rows of twenty columns take seconds; a child still busy after this is stuck or fed something hostile. */
const DEFAULT_TIMEOUT_MS = 60_000;
/** Ten million rows of fifty columns (2.5 GB) take minutes on a busy machine; only a large file buys the time. */
const MORE_MS_A_GB = 120_000;
/** DuckDB's own limit is 400 MB; this bounds the JavaScript side (counts, one sorted column), in MB. */
const CHILD_HEAP_MB = 512;
/** The end of the child's stderr that is kept for the error message, in characters. */
const STDERR_TAIL = 2_000;

/** No data makes a reader end by these: a service that is stopped or restarted sends them to all its processes. */
const ENDED_FROM_OUTSIDE = new Set(['SIGTERM', 'SIGINT', 'SIGHUP']);

export type EngineOptions = {
  signal?: AbortSignal | undefined;
  onProgress?: (progress: Progress) => void;
  timeoutMs?: number;
};

/** How long a reader may take over an upload of so many bytes, as sent, in milliseconds. */
export function timeLimitMs(bytes: number): number {
  return Math.round(DEFAULT_TIMEOUT_MS + (MORE_MS_A_GB * bytes) / 1024 ** 3);
}

/** Checks an upload and sees to a Parquet file with pinned types: itself, or one converted once. Faults name the column and the row. */
export async function inspectUpload(job: InspectJob, options: EngineOptions = {}): Promise<EngineAnswer<Inspection>> {
  const ran = await runChild({ op: 'inspect', job }, options);
  return ran.ok ? { ok: true, ...required(ran.inspection) } : ran;
}

/** Reads a converted reference and returns its bins and counts, for every feature, the score and the prediction. */
export async function profileReference(
  job: ProfileJob,
  options: EngineOptions = {},
): Promise<EngineAnswer<{ profile: ReferenceProfile }>> {
  const ran = await runChild({ op: 'profile', job }, options);
  return ran.ok ? { ok: true, profile: required(ran.profile) } : ran;
}

/** Counts converted files on the reference's bins, a window at a time; the windows of a file ascend by start and are never empty. */
export async function countWindows(
  job: CountJob,
  options: EngineOptions = {},
): Promise<EngineAnswer<{ windows: WindowCounts[] }>> {
  const ran = await runChild({ op: 'count', job }, options);
  return ran.ok ? { ok: true, windows: ran.windows } : ran;
}

/** `inspectUpload` and `profileReference` in one child. */
export async function processReference(
  job: ReferenceJob,
  options: EngineOptions = {},
): Promise<EngineAnswer<{ inspection: Inspection; profile: ReferenceProfile }>> {
  const ran = await runChild({ op: 'reference', job }, options);
  return ran.ok ? { ok: true, inspection: required(ran.inspection), profile: required(ran.profile) } : ran;
}

/** `inspectUpload` and `countWindows` in one child; with a data contract, also what the file is to be held against it by. */
export async function processObservations(
  job: ObservationsJob,
  options: EngineOptions = {},
): Promise<EngineAnswer<{ inspection: Inspection; windows: WindowCounts[]; examination: Examination | null }>> {
  const ran = await runChild({ op: 'observations', job }, options);
  if (!ran.ok) return ran;
  const { inspection, windows, examination = null } = ran;
  return { ok: true, inspection: required(inspection), windows, examination };
}

/** Compares one numeric column by its rows; null where a side has none. Reads files, so it is for a single question, not for a board. */
export async function compareRows(
  job: ExactJob,
  options: EngineOptions = {},
): Promise<EngineAnswer<{ exact: ExactDistances | null }>> {
  const ran = await runChild({ op: 'exact', job }, options);
  return ran.ok ? { ok: true, exact: ran.exact ?? null } : ran;
}

/** Counts converted files together by segments of one column. Reads the files, so it is for a single question, not for a board. */
export async function countSegments(
  job: SegmentsJob,
  options: EngineOptions = {},
): Promise<EngineAnswer<{ segments: SegmentCounts[] }>> {
  const ran = await runChild({ op: 'segments', job }, options);
  return ran.ok ? { ok: true, segments: required(ran.segments) } : ran;
}

/** Finds out which files of observations have rows of some labels: only these need to be counted anew when the labels come. */
export async function matchLabels(
  job: MatchJob,
  options: EngineOptions = {},
): Promise<EngineAnswer<{ match: LabelMatch }>> {
  const ran = await runChild({ op: 'match', job }, options);
  return ran.ok ? { ok: true, match: required(ran.match) } : ran;
}

const runChild = (asked: Job, options: EngineOptions): Promise<EngineAnswer<Done>> =>
  withLocalFiles(asked, (local) => runLocally(local, options));

/**
 * Uploaded bytes meet native code only in a process that can be killed and that holds no secret: no environment is inherited but the mode and a folder.
 * The child is killed when the time is up or the signal aborts.
 * @throws AppError `reader_interrupted` or `no_space` where the machine, and not the data, was in the way
 */
async function runLocally(job: Job, options: EngineOptions): Promise<EngineAnswer<Done>> {
  // A bundled server has no useful import.meta.url, hence the root by name.
  const root = process.env.PLUMBLINE_ROOT ?? process.cwd();
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  if (options.signal?.aborted) return fault('cancelled', 'The work was cancelled.');

  const script = join(root, 'lib', 'measurements', 'duckdb-child.ts');
  const child = spawn(
    nodeFor(root),
    [
      `--max-old-space-size=${CHILD_HEAP_MB}`,
      // For chunks.ts, which knows better than the heap when memory can be freed.
      '--expose-gc',
      '--disable-warning=ExperimentalWarning',
      script,
    ],
    {
      cwd: root,
      // Compiled code is kept between children: a third of the time that a small file takes.
      env: { NODE_ENV: process.env.NODE_ENV, NODE_COMPILE_CACHE: join(dataFolder(), 'compile-cache') },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  // Heard before anything else is done with it: a process that could not be started may not even have its pipes.
  let unstarted: Error | undefined;
  const exited = new Promise<string>((resolve) => {
    child.on('error', (error) => {
      unstarted = error;
      resolve(error.message);
    });
    child.on('close', (code, signal) => resolve(signal ?? `exit ${code}`));
  });
  let ending: 'timed_out' | 'cancelled' | undefined;
  const end = (why: 'timed_out' | 'cancelled') => {
    ending = why;
    child.kill('SIGKILL');
  };
  const onAbort = () => end('cancelled');
  const timer = setTimeout(() => end('timed_out'), timeoutMs);
  options.signal?.addEventListener('abort', onAbort, { once: true });

  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_TAIL);
  });
  // A child that dies early breaks the pipe; its exit says why.
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify(job));

  const windows: WindowCounts[] = [];
  let rows = 0;
  let last: ChildLine | undefined;
  try {
    for await (const text of createInterface({ input: child.stdout })) {
      // Parsed, not trusted: the process that wrote it has been fed a stranger's bytes.
      const line = childLine.parse(JSON.parse(text));
      if (line.type === 'progress') {
        rows = line.rows;
        options.onProgress?.(line);
      } else if (line.type === 'window') {
        windows.push(line.window);
        options.onProgress?.({ stage: 'counting', rows, windows: windows.length });
      } else last = line;
    }
  } catch (error) {
    child.kill('SIGKILL');
    stderr += String(error);
  }
  const how = await exited;
  clearTimeout(timer);
  options.signal?.removeEventListener('abort', onAbort);

  if (ending === 'timed_out')
    return fault('timed_out', `Reading the data took longer than ${timeoutMs / 1000} seconds.`);
  if (ending === 'cancelled') return fault('cancelled', 'The work was cancelled.');
  if (last?.type === 'no_space') throw noSpace();
  if (last?.type === 'failed') return { ok: false, errors: last.errors };
  if (last?.type === 'done') return { ok: true, ...last, windows };
  if (unstarted || ENDED_FROM_OUTSIDE.has(how))
    throw new AppError('unavailable', 'reader_interrupted', `The reader was interrupted (${how}). Try again.`);
  return stderr.includes('heap out of memory')
    ? fault('out_of_memory', 'The data needs more memory than a reader may use; send it in smaller files.')
    : fault('engine_failed', `The reader ended without an answer (${how}). ${stderr || shortOf(how)}`.trim());
}

/** What may be behind a reader's end that it could not tell of itself. */
const shortOf = (how: string): string =>
  how === 'SIGKILL' ? 'Systems that run out of memory do this; smaller files need less.' : '';

/** The folder that is ours to write, as the embedded database takes it. */
function dataFolder(): string {
  return resolve(/* turbopackIgnore: true */ process.env.PLUMBLINE_DATA_DIR ?? '.data');
}

/** The Node of the project where it is installed, else the running one: both strip types. */
function nodeFor(root: string): string {
  const own = join(root, 'node_modules', '.bin', 'node');
  return existsSync(own) ? own : process.execPath;
}

function fault(code: UploadFaultCode, message: string): { ok: false; errors: UploadFault[] } {
  return { ok: false, errors: [{ code, message }] };
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The reader answered without its result.');
  return value;
}
