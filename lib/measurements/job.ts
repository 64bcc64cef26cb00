import * as z from 'zod';
import { examination } from '../contracts/schema.ts';
import {
  type ColumnRoles,
  inspection,
  type MeasuredColumn,
  type ReferenceProfile,
  referenceProfile,
  type Segment,
  segmentCounts,
  type UploadContract,
  type UploadFault,
  type UploadFormat,
  uploadFault,
  type WindowCounts,
  type WindowUnit,
  windowCounts,
} from './schema.ts';

/** The raw upload at `path` becomes one Parquet file at `output` with pinned types, unless it is one; `output` must not exist. */
export type InspectJob = {
  path: string;
  format: UploadFormat;
  output: string;
  roles: ColumnRoles;
  /** `labels` needs an id and a label and nothing else; later files must match `contract`. */
  purpose: 'reference' | 'observations' | 'labels';
  contract?: UploadContract | undefined;
  /** When the upload is read, ISO 8601: rows of observations from later than this are set aside. */
  receivedAt?: string | undefined;
  /** A Parquet upload whose types need no parsing may serve as its own converted file: then nothing is written. */
  mayKeep?: boolean | undefined;
};

/** A converted file and its columns. */
export type KeptFile = { parquet: string; columns: MeasuredColumn[] };

/** `timezone` cuts the reference's days; UTC when left out. */
export type ProfileJob = KeptFile & { timezone?: string | undefined };

/** From inclusive, to exclusive, ISO 8601. */
type Range = { from: string; to: string };

/**
 * Counts each file by itself. `labels` are converted label files (purpose `labels`), oldest first: a later one wins, and wins over a
 * file's own label.
 */
export type CountJob = {
  files: KeptFile[];
  profile: ReferenceProfile;
  unit: WindowUnit;
  timezone: string;
  labels?: string[] | undefined;
  /** Only the rows of this segment of the column. */
  only?: { column: string; segment: Segment } | undefined;
  range?: Range | undefined;
};

/** Inspect and then profile the kept file, in one child. */
export type ReferenceJob = InspectJob & { timezone?: string | undefined };

/** Inspect and then count the kept file, in one child. */
export type ObservationsJob = InspectJob & {
  profile: ReferenceProfile;
  unit: WindowUnit;
  timezone: string;
  labels?: string[] | undefined;
};

/** How far apart two sets of rows are: Kolmogorov-Smirnov statistic, Wasserstein distance, the reference's deviation (divisor n); null where no double holds it. */
export const exactDistances = z.object({
  n: z.number().int(),
  referenceN: z.number().int(),
  statistic: z.number(),
  distance: z.number().nullable(),
  deviation: z.number().nullable(),
});
export type ExactDistances = z.infer<typeof exactDistances>;

/** Compares one numeric column of converted files by its rows: a reference, and observations (at least one file) of a time range. */
export type ExactJob = Range & {
  reference: KeptFile;
  observations: (KeptFile & { timestamp: string })[];
  column: string;
};

/** Counts converted files together by segments of the column `by`; observations only of a time range, a reference as a whole. */
export type SegmentsJob = {
  files: KeptFile[];
  profile: ReferenceProfile;
  by: string;
  range?: Range | undefined;
  labels?: string[] | undefined;
};

/** Looks in converted files of observations for the ids of a converted file of labels. */
export type MatchJob = { labels: string; observations: KeptFile[] };

/** Of how many ids labels are, how many of these no file has, and which files have one or more. */
export const labelMatch = z.object({ ids: z.number().int(), unmatched: z.number().int(), files: z.array(z.boolean()) });
export type LabelMatch = z.infer<typeof labelMatch>;

/** What the parent writes to the child's standard input, as one JSON document. */
export type Job =
  | { op: 'inspect'; job: InspectJob }
  | { op: 'profile'; job: ProfileJob }
  | { op: 'count'; job: CountJob }
  | { op: 'reference'; job: ReferenceJob }
  | { op: 'observations'; job: ObservationsJob }
  | { op: 'exact'; job: ExactJob }
  | { op: 'segments'; job: SegmentsJob }
  | { op: 'match'; job: MatchJob };

/** What the child writes, one JSON object a line: any number of progress and window lines, then one `done`, `failed` or `no_space`. */
export const childLine = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('progress'),
    stage: z.enum(['reading', 'converting', 'profiling', 'counting']),
    rows: z.number(),
  }),
  z.object({ type: z.literal('window'), window: windowCounts }),
  z.object({
    type: z.literal('done'),
    inspection: inspection.optional(),
    profile: referenceProfile.optional(),
    exact: exactDistances.nullable().optional(),
    segments: z.array(segmentCounts).optional(),
    match: labelMatch.optional(),
    examination: examination.optional(),
  }),
  z.object({ type: z.literal('failed'), errors: z.array(uploadFault) }),
  z.object({ type: z.literal('no_space') }),
]);
export type ChildLine = z.infer<typeof childLine>;
/** What a reader is at: rows it has done, and windows it has handed over. */
export type Progress = { stage: 'reading' | 'converting' | 'profiling' | 'counting'; rows: number; windows?: number };

/** The result of a job, or what was wrong with the data. */
export type EngineAnswer<T> = ({ ok: true } & T) | { ok: false; errors: UploadFault[] };
export type Done = Extract<ChildLine, { type: 'done' }> & { windows: WindowCounts[] };
