import type { Db } from '../../../db/client.ts';
import { countSegments, countWindows } from '../../measurements/engine.ts';
import {
  listBatchesWithin,
  listContributions,
  listParquet,
  listPerformanceStates,
  listReadable,
  type Reference,
} from '../../measurements/queries.ts';
import type { ReferenceProfile, Segment } from '../../measurements/schema.ts';
import { segmentsOf } from '../../measurements/segments.ts';
import { refused } from '../../shell/errors.ts';
import { badParameter } from '../../shell/http.ts';
import type { Piece } from '../merge.ts';
import { segmentName } from '../rules.ts';
import { takeTurn } from './turns.ts';

export type Range = { from: Date; to: Date };

/** Where the windows of a question come from: the stored counts of all rows, or a segment's rows, read for this question. */
export type Source = {
  reference: Reference;
  /** Whether judged windows of these rows are stored. */
  stored: boolean;
  pieces(range: Range): Promise<Piece[]>;
  performance(range: Range): Promise<Piece[]>;
};

/**
 * @param segment `column:name` as `/segments` names it, or null for all rows
 * @param range what the question may ask of a segment at most; its rows are read once
 */
export async function openSource(
  db: Db,
  reference: Reference,
  segment: string | null,
  range: Range,
  timezone: string,
): Promise<Source> {
  const { modelId, id } = reference;
  if (segment === null) {
    return {
      reference,
      stored: true,
      pieces: (asked) => listContributions(db, modelId, id, asked),
      performance: (asked) => listPerformanceStates(db, modelId, id, asked),
    };
  }
  const { profile, pieces } = await takeTurn(() => readSegment(db, reference, segment, range, timezone));
  const within = async (asked: Range) => pieces.filter(({ start }) => start >= asked.from && start < asked.to);
  return {
    reference: { ...reference, rows: profile.rows, profile },
    stored: false,
    pieces: within,
    performance: within,
  };
}

async function readSegment(db: Db, reference: Reference, segment: string, range: Range, timezone: string) {
  const { column, wanted } = findSegment(reference.profile, segment);
  const batchIds = await listBatchesWithin(db, reference, range);
  const { own, files, labels } = await keptRows(db, reference, batchIds, 'segment');
  const profile = await profileOf(reference.profile, own, column, wanted);
  const pieces: Piece[] = [];
  for (const { parquet, columns } of files) {
    const job = { parquet, columns, profile: reference.profile, unit: 'day' as const, timezone, ...labels };
    const answer = await countWindows({ ...job, only: { column, segment: wanted } });
    if (!answer.ok)
      throw refused('rows_unreadable', 'segment', answer.errors[0]?.message ?? 'The rows cannot be read.');
    for (const { start, end, n, ...counts } of answer.windows)
      pieces.push({ start: new Date(start), end: new Date(end), n, counts });
  }
  pieces.sort((a, b) => a.start.getTime() - b.start.getTime());
  return { profile, pieces };
}

/** The converted files behind a reference and some batches, with the labels that came late. */
export async function keptRows(db: Db, reference: Reference, batchIds: readonly string[], parameter: string) {
  const [own] = await listParquet(db, [reference.batchId]);
  const files = await listParquet(db, batchIds);
  if (!own || files.length < batchIds.length)
    throw refused('rows_not_kept', parameter, 'The rows of this range are not kept any more.');
  const late = (await listReadable(db, reference.modelId, 'labels')).flatMap((batch) => batch.parquetPath ?? []);
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
  own: { parquet: string; columns: Parameters<typeof countSegments>[0]['columns'] },
  by: string,
  wanted: Segment,
): Promise<ReferenceProfile> {
  const answer = await countSegments({ ...own, profile, by });
  if (!answer.ok) throw refused('rows_unreadable', 'segment', answer.errors[0]?.message ?? 'The rows cannot be read.');
  const same = answer.segments.find((held) => segmentName(held.segment) === segmentName(wanted));
  const { windows: _, ...rest } = profile;
  return {
    ...rest,
    rows: same?.n ?? 0,
    columns: profile.columns.flatMap((column) => {
      const counts = same?.columns[column.name];
      return counts && column.name !== by ? [{ ...column, counts }] : [];
    }),
    performance: same?.performance ?? null,
  };
}
