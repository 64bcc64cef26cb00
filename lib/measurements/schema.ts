import * as z from 'zod';
import { asideCount, canonicalForm, columnRole, dataContract, rowRule, type Violation } from '../contracts/schema.ts';

/** What a column of an upload means. Names are the columns of the file; every column without a role is a feature. */
export const columnRoles = z.object({
  timestamp: z.string().optional(),
  id: z.string().optional(),
  prediction: z.string().optional(),
  score: z.string().optional(),
  label: z.string().optional(),
  segment: z.array(z.string()).optional(),
  /** Columns that say how much a feature moved a row's answer (a Shapley value, say): column to feature. */
  attributions: z.record(z.string(), z.string()).optional(),
  ignore: z.array(z.string()).optional(),
});
export type ColumnRoles = z.infer<typeof columnRoles>;

export const uploadFormat = z.enum(['parquet', 'csv', 'ndjson']);
export type UploadFormat = z.infer<typeof uploadFormat>;

/** `categorical` includes booleans; a `timestamp` feature is kept but not compared; `identifier` is opaque text. */
export const columnKind = z.enum(['numeric', 'categorical', 'timestamp', 'identifier']);
export type ColumnKind = z.infer<typeof columnKind>;

/**
 * `of`: the feature that an attribution column is about. `type`: DuckDB's type of the column where the upload itself is kept and
 * read; left out where it was converted. `form`: how its words are spelled, where the contract says so.
 */
export const measuredColumn = z.object({
  name: z.string(),
  role: columnRole,
  kind: columnKind,
  of: z.string().optional(),
  type: z.string().optional(),
  form: canonicalForm.optional(),
});
export type MeasuredColumn = z.infer<typeof measuredColumn>;

/**
 * The columns of an existing reference, which every later upload of that version must match but for `optional` ones, and the data
 * contract in force where there is one.
 */
export const uploadContract = z.object({
  columns: z.array(measuredColumn.extend({ optional: z.boolean().optional() })),
  rules: dataContract.optional(),
});
export type UploadContract = z.infer<typeof uploadContract>;

export const uploadFaultCode = z.enum([
  'empty_file',
  'no_rows',
  'too_large',
  'not_gzip',
  'not_parquet',
  'truncated_parquet',
  'nul_byte',
  'invalid_utf8',
  'malformed_row',
  'unreadable',
  'duplicate_column',
  'column_name_refused',
  'too_many_columns',
  'too_many_rows',
  'value_too_long',
  'nested_too_deep',
  'column_not_found',
  'column_missing',
  'role_conflict',
  'role_missing',
  ...rowRule.options,
  'too_many_windows',
  'timed_out',
  'out_of_memory',
  'cancelled',
  'engine_failed',
]);
export type UploadFaultCode = z.infer<typeof uploadFaultCode>;

/** `row` counts data rows from 1 (a CSV header is not one); `line` counts lines of the file from 1. */
export const uploadFault = z.object({
  code: uploadFaultCode,
  message: z.string(),
  column: z.string().optional(),
  row: z.number().int().optional(),
  line: z.number().int().optional(),
  expected: z.string().optional(),
});
export type UploadFault = z.infer<typeof uploadFault>;

export const uploadWarning = z.object({
  code: z.enum([
    'extra_column',
    'role_absent',
    'timestamp_feature',
    'empty_column',
    'values_not_finite',
    'aside_cut',
    'ids_unmatched',
  ]),
  column: z.string(),
  message: z.string(),
});
export type UploadWarning = z.infer<typeof uploadWarning>;

/** Rows that do not count: how many, and by which rules. `path`: the file that holds the first `kept` of them, one JSON object a line. */
export const asideRows = z.object({
  rows: z.number().int(),
  kept: z.number().int(),
  path: z.string(),
  counts: z.array(asideCount),
});
export type AsideRows = z.infer<typeof asideRows>;

/** One row that was set aside, as it is kept: the rules it breaks and its values as they came. */
export const asideLine = z.object({
  row: z.number().int(),
  broken: z.array(z.object({ rule: rowRule, column: z.string() })),
  values: z.record(z.string(), z.string().nullable()),
});
export type AsideLine = z.infer<typeof asideLine>;

/**
 * `rows` that count. `kept`: which file later reads are of, the upload as it came or the converted one. `retyped`: columns whose type in
 * the file is not the contract's, though their values can be read. `fractions`: rows with one in columns of whole numbers.
 */
export const inspection = z.object({
  rows: z.number().int(),
  kept: z.enum(['upload', 'output']),
  columns: z.array(measuredColumn),
  warnings: z.array(uploadWarning),
  aside: asideRows.nullable().optional(),
  retyped: z.array(z.object({ column: z.string(), found: z.string() })).optional(),
  fractions: z.record(z.string(), z.number().int()).optional(),
});
export type Inspection = z.infer<typeof inspection>;

/**
 * Fixed reference bins. Numeric: `edges` are the inner edges, ascending; fine bin i holds edges[i-1] < x <= edges[i], the outer
 * two are open, so there are edges.length + 1. `scoring` are the fine-bin indices at which a scoring bin starts (first is 0).
 * Categorical: one bin a category and a last one for all other values; `rare` are known values too seldom for a bin of their own.
 */
export const numericBins = z.object({
  kind: z.literal('numeric'),
  edges: z.array(z.number()),
  scoring: z.array(z.number().int()),
});
export const categoricalBins = z.object({
  kind: z.literal('categorical'),
  categories: z.array(z.string()),
  rare: z.array(z.string()),
  rareComplete: z.boolean(),
});
export const columnBins = z.discriminatedUnion('kind', [numericBins, categoricalBins]);
export type NumericBins = z.infer<typeof numericBins>;
export type CategoricalBins = z.infer<typeof categoricalBins>;
export type ColumnBins = z.infer<typeof columnBins>;

/** Integer counts on the bins in order, packed (see counts.ts). */
export const packedCounts = z.union([
  z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/),
  // One loop: a schema an element would cost more than reading the windows did.
  z.custom<number[]>((value) => Array.isArray(value) && value.every(Number.isSafeInteger), 'expected whole numbers'),
]);
export type PackedCounts = z.infer<typeof packedCounts>;

/** A sum of doubles; null where no double is as large as it, as with a value such as -1.8e308 that stands for "none". */
const sum = z.number().nullable();

/** Moments of the finite values of a numeric column; `m2` is the sum of squared deviations from the mean. */
export const moments = z.object({
  n: z.number().int(),
  min: z.number(),
  max: z.number(),
  sum,
  m2: sum,
});
export type Moments = z.infer<typeof moments>;

/** One column over some rows. n rows = sum of counts + missing + nan + inf. `newCount` of `counts`' "other" were never seen before. */
export const columnCounts = z.object({
  counts: packedCounts,
  missing: z.number().int(),
  nan: z.number().int(),
  inf: z.number().int(),
  moments: moments.nullable(),
  newCount: z.number().int(),
  newValues: z.array(z.object({ value: z.string(), count: z.number().int() })),
});
export type ColumnCounts = z.infer<typeof columnCounts>;

/** A loss summed over `n` rows, and its square. */
const rowLosses = z.object({ n: z.number().int(), sum, sum2: sum });
export type RowLosses = z.infer<typeof rowLosses>;

const rowCounts = { n: z.number().int(), labelled: z.number().int() };
/**
 * Rows with a label: `confusion` counts those with a prediction, `scores` those with a score, on the fine bins of the score. All rows,
 * labelled or not: `outputs` counts those with a score by their predicted class; absent in states counted before it was.
 */
export const binaryState = z.object({
  task: z.literal('binary'),
  ...rowCounts,
  confusion: z.object({ tp: z.number(), fp: z.number(), tn: z.number(), fn: z.number() }),
  scores: z.object({ positive: packedCounts, negative: packedCounts }).nullable(),
  outputs: z.object({ positive: packedCounts, negative: packedCounts }).nullable().optional(),
  brier: rowLosses,
  logLoss: rowLosses.optional(),
});
/** `matrix` is row-major, label by prediction; the last class is "any other". */
export const multiclassState = z.object({
  task: z.literal('multiclass'),
  ...rowCounts,
  matrix: z.array(z.number().int()),
});
/** Sums of e = prediction - label over labelled rows; `n` rows, `labelled` those with both. */
export const regressionState = z.object({
  task: z.literal('regression'),
  ...rowCounts,
  sumE: sum,
  sumAbsE: sum,
  sumE2: sum,
  sumE4: sum,
  /** |e / label| over rows whose label is not zero; absent in states counted before it was. */
  percentage: rowLosses.optional(),
});
export const performanceState = z.discriminatedUnion('task', [binaryState, multiclassState, regressionState]);
export type BinaryState = z.infer<typeof binaryState>;
export type MulticlassState = z.infer<typeof multiclassState>;
export type RegressionState = z.infer<typeof regressionState>;
export type PerformanceState = z.infer<typeof performanceState>;

/** How predictions are judged: fixed by the reference. `threshold` applies where there is a score and no prediction column. */
export const task = z.discriminatedUnion('task', [
  z.object({ task: z.literal('binary'), positive: z.string(), threshold: z.number() }),
  z.object({ task: z.literal('multiclass'), classes: z.array(z.string()) }),
  z.object({ task: z.literal('regression') }),
]);
export type Task = z.infer<typeof task>;

export const profiledColumn = measuredColumn.extend({
  bins: columnBins,
  counts: columnCounts,
  median: z.number().nullable(),
});
export type ProfiledColumn = z.infer<typeof profiledColumn>;

/** One day of a reference: counts of each column on its scoring bins, by name. */
export const referenceWindow = z.object({
  start: z.string(),
  n: z.number().int(),
  columns: z.record(z.string(), packedCounts),
});
export type ReferenceWindow = z.infer<typeof referenceWindow>;

/**
 * How much of the score's variance each column's bins explain, one column at a time; `n` rows have a score, `groups` bins hold some of
 * them (rows without a value are one). `eta2` is the correlation ratio, `epsilon2` the same without what chance alone explains.
 */
export const association = z.object({
  method: z.literal('epsilon_squared/1'),
  n: z.number().int(),
  columns: z.record(z.string(), z.object({ groups: z.number().int(), eta2: z.number(), epsilon2: z.number() })),
});
export type Association = z.infer<typeof association>;

/** Sums of |attribution| by feature over its `n` rows that have one, in whole units (see attributions.ts): exact in any order. */
export const attributionSums = z.record(z.string(), z.object({ n: z.number().int(), sum: z.number() }));
export type AttributionSums = z.infer<typeof attributionSums>;

/** What is remembered of a reference. `windows` are its days, ascending, where it has timestamps. `method` names the binning and its version: results under different ones are not merged. */
export const referenceProfile = z.object({
  method: z.literal('reference-bins/1'),
  rows: z.number().int(),
  columns: z.array(profiledColumn),
  task: task.nullable(),
  performance: performanceState.nullable(),
  windows: z.array(referenceWindow).optional(),
  association: association.nullable().optional(),
  /** `unit`: what one in `sums` stands for; every window of this reference counts in it. */
  attributions: z.object({ unit: z.number(), sums: attributionSums }).optional(),
});
export type ReferenceProfile = z.infer<typeof referenceProfile>;

/** `rows` cuts in timestamp order and serves parity with reference tools only. */
export const windowUnit = z.union([
  z.enum(['hour', 'day', 'week', 'month']),
  z.object({ rows: z.number().int().positive() }),
]);
export type WindowUnit = z.infer<typeof windowUnit>;

/** `start` inclusive, `end` exclusive, ISO 8601 in UTC; for `rows` windows the first and last timestamp. */
export const windowCounts = z.object({
  start: z.string(),
  end: z.string(),
  n: z.number().int(),
  columns: z.record(z.string(), columnCounts),
  performance: performanceState.nullable(),
  attributions: attributionSums.optional(),
});
export type WindowCounts = z.infer<typeof windowCounts>;

/** Part of the rows, by a column's scoring bin: bounds (null where open), a category, all other values, or no value. */
export const segment = z.union([
  z.object({ above: z.number().nullable(), upTo: z.number().nullable() }),
  z.object({ category: z.string() }),
  z.object({ other: z.literal(true) }),
  z.object({ missing: z.literal(true) }),
]);
export type Segment = z.infer<typeof segment>;

/** What `windowCounts` is to a window, over the rows of one segment. */
export const segmentCounts = z.object({
  segment,
  n: z.number().int(),
  columns: z.record(z.string(), columnCounts),
  performance: performanceState.nullable(),
});
export type SegmentCounts = z.infer<typeof segmentCounts>;

export const metricName = z.enum([
  'roc_auc',
  'accuracy',
  'precision',
  'recall',
  'specificity',
  'f1',
  'brier',
  'log_loss',
  'average_precision',
  'balanced_accuracy',
  'mcc',
  'macro_precision',
  'macro_recall',
  'macro_f1',
  'mae',
  'rmse',
  'bias',
  'mape',
]);
export type MetricName = z.infer<typeof metricName>;

/**
 * A metric with its 95% interval. `n` rows it rests on, `positives` among them. Below the minimum of labels `reason` is set; the
 * value may still be there, to be shown greyed. `undefined_here`: its denominator is empty.
 */
export const metricAnswer = z.object({
  metric: metricName,
  value: z.number().nullable(),
  lo: z.number().nullable(),
  hi: z.number().nullable(),
  n: z.number().int(),
  positives: z.number().int().optional(),
  reason: z.enum(['no_labels', 'too_few_labels', 'undefined_here']).optional(),
});
export type MetricAnswer = z.infer<typeof metricAnswer>;

/** A metric estimated without labels over `n` scored rows; `lo` and `hi` are three sampling errors away. */
export const estimatedMetric = z.object({
  metric: metricName,
  value: z.number().nullable(),
  samplingError: z.number().nullable(),
  lo: z.number().nullable(),
  hi: z.number().nullable(),
  n: z.number().int(),
});
export type EstimatedMetric = z.infer<typeof estimatedMetric>;

export const BATCH_KINDS = ['reference', 'observations', 'labels'] as const;
export type BatchKind = (typeof BATCH_KINDS)[number];
export const BATCH_STATES = ['received', 'processing', 'done', 'failed', 'cancelled'] as const;
export type BatchState = (typeof BATCH_STATES)[number];

/** One uploaded file, as its sender follows it. `progress` is what is being done now, in words. */
export type BatchView = {
  batchId: string;
  model: string;
  version: number;
  kind: BatchKind;
  state: BatchState;
  bytes: number;
  rows: number | null;
  windows: number | null;
  progress: string | null;
  columns: MeasuredColumn[];
  errors: UploadFault[];
  warnings: UploadWarning[];
  /** The version of the data contract it was checked against, where it departs from it, and how many rows do not count. */
  contractVersion: number | null;
  violations: Violation[];
  setAside: number;
  createdAt: string;
  finishedAt: string | null;
};
