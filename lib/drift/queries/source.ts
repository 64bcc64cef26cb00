import type { Db } from '../../../db/client.ts';
import { ownValue } from '../../base/own-value.ts';
import { addMs } from '../../base/time.ts';
import { segmentsOf } from '../../measurements/bins.ts';
import { countSegments, countWindows, type EngineOptions, timeLimitMs } from '../../measurements/engine.ts';
import type { EngineAnswer } from '../../measurements/job.ts';
import { listPerformanceStates, listPieces } from '../../measurements/pieces.ts';
import { listBatchesWithin, listLabels, listParquet, type Reference } from '../../measurements/queries.ts';
import type { ReferenceProfile, Segment, SegmentCounts } from '../../measurements/schema.ts';
import type { CalendarUnit } from '../../measurements/windows.ts';
import { refused } from '../../shell/errors.ts';
import { badParameter } from '../../shell/http.ts';
import type { Piece } from '../merge.ts';
import { segmentName } from '../rules.ts';
import { takeTurn } from './turns.ts';

/** A day of a clock change has 25 hours. */
const LONGEST_DAY_MS = 25 * 3_600_000;

/** `leaves` aborts when nobody waits for the answer any more. */
export type Range = { from: Date; to: Date; leaves?: AbortSignal | undefined };

/** Where the windows of a question come from: the stored counts of all rows, or rows (a segment's, or cut by the hour) read for it. */
export type Source = {
  reference: Reference;
  /** Whether judged windows of these rows are stored. */
  stored: boolean;
  pieces(range: Range): Promise<Piece[]>;
  performance(range: Range): Promise<Piece[]>;
};

export type Wanted = {
  /** `column:name` as `/segments` names it, or null for all rows. */
  segment: string | null;
  /** What the question may ask of rows at most; they are read once. */
  range: Range;
  unit: CalendarUnit;
  timezone: string;
};

/** Days are counted when rows arrive; their hours, a hundred times as much to keep, are counted from the kept rows when asked for. */
export async function openSource(db: Db, reference: Reference, wanted: Wanted): Promise<Source> {
  if (wanted.segment === null && wanted.unit !== 'hour') {
    return {
      reference,
      stored: true,
      pieces: (asked) => listPieces(db, reference, asked),
      performance: (asked) => listPerformanceStates(db, reference, asked),
    };
  }
  const { profile, pieces } = await takeTurn(() => readRows(db, reference, wanted), wanted.range.leaves);
  const within = async (asked: Range) => pieces.filter(({ start }) => start >= asked.from && start < asked.to);
  return {
    reference: { ...reference, rows: profile.rows, profile },
    stored: false,
    pieces: within,
    performance: within,
  };
}

async function readRows(db: Db, reference: Reference, { segment, range, unit, timezone }: Wanted) {
  const found = segment === null ? null : findSegment(reference.profile, segment);
  // A day that began before the range may hold hours of it.
  const batchIds = await listBatchesWithin(db, reference, { ...range, from: addMs(range.from, -LONGEST_DAY_MS) });
  const { own, files, labels } = await keptRows(db, reference, batchIds, segment === null ? 'window' : 'segment');
  const profile = found ? await profileOf(reference.profile, own, found, range.leaves) : reference.profile;
  const job = {
    profile: reference.profile,
    unit: unit === 'hour' ? unit : ('day' as const),
    timezone,
    ...labels,
    ...(unit === 'hour' ? { range: { from: range.from.toISOString(), to: range.to.toISOString() } } : {}),
    ...(found ? { only: { column: found.column, segment: found.wanted } } : {}),
  };
  const { windows } = readOr('segment', await countWindows({ ...job, files }, optionsFor(files, range.leaves)));
  const pieces = windows.map(
    ({ start, end, n, ...counts }): Piece => ({ start: new Date(start), end: new Date(end), n, counts }),
  );
  pieces.sort((a, b) => a.start.getTime() - b.start.getTime());
  return { profile, pieces };
}

type Kept = Awaited<ReturnType<typeof listParquet>>[number];

/** All files are read by one child: starting one takes ten times as long as a small file does. */
const optionsFor = (files: readonly Kept[], leaves: AbortSignal | undefined): EngineOptions => ({
  timeoutMs: timeLimitMs(files.reduce((sum, { bytes }) => sum + bytes, 0)),
  signal: leaves,
});

/** The rows of kept files by the segments of a column. */
export async function segmentsIn(
  files: Kept[],
  job: Omit<Parameters<typeof countSegments>[0], 'files'>,
  parameter: string,
  leaves: AbortSignal | undefined,
): Promise<SegmentCounts[]> {
  return readOr(parameter, await countSegments({ ...job, files }, optionsFor(files, leaves))).segments;
}

function readOr<T>(parameter: string, answer: EngineAnswer<T>): { ok: true } & T {
  if (answer.ok) return answer;
  throw refused('rows_unreadable', parameter, answer.errors[0]?.message ?? 'The rows cannot be read.');
}

/** The converted files behind a reference and some batches, with the labels that came late. */
export async function keptRows(db: Db, reference: Reference, batchIds: readonly string[], parameter: string) {
  const [own] = await listParquet(db, [reference.batchId]);
  const files = await listParquet(db, batchIds);
  if (!own || files.length < batchIds.length)
    throw refused('rows_not_kept', parameter, 'The rows of this range are not kept any more.');
  const late = await listLabels(db, reference.modelId);
  return { own, files, labels: late.length ? { labels: late } : {} };
}

function findSegment(profile: ReferenceProfile, asked: string): { column: string; wanted: Segment } {
  const column = profile.columns.find(({ name }) => asked.startsWith(`${name}:`));
  const wanted = column && segmentsOf(column.bins).find((known) => asked === `${column.name}:${segmentName(known)}`);
  if (!column || !wanted) throw badParameter('segment', 'must be <column>:<name> as /segments?by=<column> names it');
  return { column: column.name, wanted };
}

/** The profile of the reference's own rows of the segment, on the same bins; without the column itself, which is constant there. */
async function profileOf(
  profile: ReferenceProfile,
  own: Kept,
  { column: by, wanted }: ReturnType<typeof findSegment>,
  leaves: AbortSignal | undefined,
): Promise<ReferenceProfile> {
  const segments = await segmentsIn([own], { profile, by }, 'segment', leaves);
  const same = segments.find((held) => segmentName(held.segment) === segmentName(wanted));
  const { windows: _, ...rest } = profile;
  return {
    ...rest,
    rows: same?.n ?? 0,
    columns: profile.columns.flatMap((column) => {
      const counts = same && ownValue(same.columns, column.name);
      return counts && column.name !== by ? [{ ...column, counts }] : [];
    }),
    performance: same?.performance ?? null,
  };
}
