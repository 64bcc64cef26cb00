import * as z from 'zod';
import { dataContract, examination } from '../contracts/schema.ts';
import {
  columnRoles,
  exactDistances,
  inspection,
  measuredColumn,
  referenceProfile,
  segment,
  segmentCounts,
  type UploadFault,
  uploadContract,
  uploadFault,
  uploadFormat,
  type WindowCounts,
  windowCounts,
  windowUnit,
} from './schema.ts';

/** The raw upload at `path` becomes one Parquet file at `output` with pinned types, unless it is one; `output` must not exist. */
const inspectJob = z.object({
  path: z.string(),
  format: uploadFormat,
  output: z.string(),
  roles: columnRoles,
  /** `labels` needs an id and a label and nothing else; later files must match `contract`. */
  purpose: z.enum(['reference', 'observations', 'labels']),
  contract: uploadContract.optional(),
  /** When the upload is read: rows of observations from later than this are set aside. */
  receivedAt: z.iso.datetime().optional(),
  /** A Parquet upload whose types need no parsing may serve as its own converted file: then nothing is written. */
  mayKeep: z.boolean().optional(),
});
export type InspectJob = z.infer<typeof inspectJob>;

/** Where the rows of an upload that do not count are kept, beside its converted file. */
export const asidePath = (output: string): string => `${output}.aside`;

/** Where a packed upload lies unpacked while it is read. */
export const unpackedPath = (output: string): string => `${output}.raw`;

/** `timezone` cuts the reference's days; UTC when left out. */
const profileJob = z.object({ parquet: z.string(), columns: z.array(measuredColumn), timezone: z.string().optional() });
export type ProfileJob = z.infer<typeof profileJob>;

/** `labels` are converted label files (purpose `labels`), oldest first: a later one wins, and wins over the file's own label. */
const countJob = z.object({
  parquet: z.string(),
  columns: z.array(measuredColumn),
  profile: referenceProfile,
  unit: windowUnit,
  timezone: z.string(),
  labels: z.array(z.string()).optional(),
  /** Only the rows of this segment of the column. */
  only: z.object({ column: z.string(), segment }).optional(),
  /** Only the rows from `from` to before `to`. */
  range: z.object({ from: z.iso.datetime(), to: z.iso.datetime() }).optional(),
  /** The data contract to look for departures from, beside the counting. */
  rules: dataContract.optional(),
});
export type CountJob = z.infer<typeof countJob>;

/** Inspect and then profile the kept file, in one child. */
const referenceJob = inspectJob.extend({ timezone: z.string().optional() });
export type ReferenceJob = z.infer<typeof referenceJob>;

/** Inspect and then count the kept file, in one child. */
const observationsJob = inspectJob.extend({
  profile: referenceProfile,
  unit: windowUnit,
  timezone: z.string(),
  labels: z.array(z.string()).optional(),
});
export type ObservationsJob = z.infer<typeof observationsJob>;

/** Compares one numeric column of converted files by its rows: a reference, and observations from `from` to before `to`. */
const exactJob = z.object({
  reference: z.object({ parquet: z.string(), columns: z.array(measuredColumn) }),
  observations: z
    .array(z.object({ parquet: z.string(), columns: z.array(measuredColumn), timestamp: z.string() }))
    .min(1),
  column: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
});
export type ExactJob = z.infer<typeof exactJob>;

/** Counts a converted file by segments of the column `by`; observations only from `from` to before `to`, a reference as a whole. */
const segmentsJob = z.object({
  parquet: z.string(),
  columns: z.array(measuredColumn),
  profile: referenceProfile,
  by: z.string(),
  range: z.object({ from: z.iso.datetime(), to: z.iso.datetime() }).optional(),
  labels: z.array(z.string()).optional(),
});
export type SegmentsJob = z.infer<typeof segmentsJob>;

/** What the parent writes to the child's standard input, as one JSON document. */
export const job = z.discriminatedUnion('op', [
  z.object({ op: z.literal('inspect'), job: inspectJob }),
  z.object({ op: z.literal('profile'), job: profileJob }),
  z.object({ op: z.literal('count'), job: countJob }),
  z.object({ op: z.literal('reference'), job: referenceJob }),
  z.object({ op: z.literal('observations'), job: observationsJob }),
  z.object({ op: z.literal('exact'), job: exactJob }),
  z.object({ op: z.literal('segments'), job: segmentsJob }),
]);
export type Job = z.infer<typeof job>;

/** What the child writes, one JSON object a line: any number of progress and window lines, then one `done` or `failed`. */
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
    late: z.object({ unmatchedLabels: z.number().int() }).optional(),
    examination: examination.optional(),
  }),
  z.object({ type: z.literal('failed'), errors: z.array(uploadFault) }),
]);
export type ChildLine = z.infer<typeof childLine>;
/** What a reader is at: rows it has done, and windows it has handed over. */
export type Progress = { stage: 'reading' | 'converting' | 'profiling' | 'counting'; rows: number; windows?: number };

/** The result of a job, or what was wrong with the data. */
export type EngineAnswer<T> = ({ ok: true } & T) | { ok: false; errors: UploadFault[] };
export type Done = Extract<ChildLine, { type: 'done' }> & { windows: WindowCounts[] };
