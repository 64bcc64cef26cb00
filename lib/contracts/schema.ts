import * as z from 'zod';
import { exact, instant, prose, reason } from '../base/text.ts';

export const columnRole = z.enum([
  'timestamp',
  'id',
  'prediction',
  'score',
  'label',
  'segment',
  'attribution',
  'feature',
]);
export type ColumnRole = z.infer<typeof columnRole>;

export const columnType = z.enum(['number', 'integer', 'boolean', 'text', 'time', 'identifier']);
export type ColumnType = z.infer<typeof columnType>;

/**
 * How a value in words is spelled before it is counted: `number` reads "1.0", true and "true" as "1"; `boolean` reads 1, "1.0" and
 * "True" as "true"; `as_is` only writes "1.0" as "1" and "True" as "true", and keeps the two apart.
 */
export const canonicalForm = z.enum(['as_is', 'number', 'boolean']);
export type CanonicalForm = z.infer<typeof canonicalForm>;

/** A departure is only reported and the row counts, or the row is set aside. */
export const whenBroken = z.enum(['report', 'set_aside']);

/** Categories kept by name in a contract, and the longest of them in characters: a longer value is a text, not a category. */
export const CATEGORIES_MAX = 200;
export const CATEGORY_LENGTH = 500;
const share = z.number().min(0).max(1);
const bound = z.number().nullable();
const range = z
  .strictObject({ min: bound, max: bound })
  .refine(({ min, max }) => min === null || max === null || min <= max, 'min must not be above max');

/** What a person may change of a column. */
const terms = {
  /** A file without this column is refused; otherwise its values count as missing. */
  required: z.boolean(),
  /** False: no value may be missing. */
  nullable: z.boolean(),
  /** Highest accepted share of missing values where they may be missing; 1 accepts any. */
  maxMissingShare: share,
  /** Accepted numbers, ends included; null where open, or where the column holds none. */
  range: range.nullable(),
  /** Highest accepted share of rows outside the range. */
  maxOutsideShare: share,
  categories: z
    .array(exact(CATEGORY_LENGTH))
    .max(CATEGORIES_MAX, `must have at most ${CATEGORIES_MAX} categories`)
    .nullable(),
  /** True: any value that is not among the categories is a departure. */
  closed: z.boolean(),
  whenBroken,
};
const columnTerms = z.strictObject(terms);

/** Name, role, type and form are pinned by the reference: with others the counts could not be compared. */
export const contractColumn = z.strictObject({
  name: z.string(),
  role: columnRole,
  type: columnType,
  form: canonicalForm,
  ...terms,
});
export type ContractColumn = z.infer<typeof contractColumn>;

/** Above half a file it is the contract that is wrong, or the file another one's. */
const MAX_SET_ASIDE = 0.5;
const fileTerms = {
  /** The next rows are expected within so many hours after the last; null: not known. */
  freshnessHours: z
    .int()
    .min(1)
    .max(24 * 366)
    .nullable(),
  /** Rows before this instant are set aside; null: no such bound. */
  earliestAt: instant.nullable(),
  /** A file with a greater share of rows that cannot be counted is refused as a whole. */
  maxSetAsideShare: z.number().min(0).max(MAX_SET_ASIDE),
};

/** What each file of observations of a version is checked against. */
export const dataContract = z.strictObject({ ...fileTerms, columns: z.array(contractColumn).max(500) });
export type DataContract = z.infer<typeof dataContract>;

/** A change: what is left out stays; columns by name. */
export const contractChanges = z
  .strictObject({ ...fileTerms, columns: z.record(prose(255), columnTerms.partial()) })
  .partial();
export type ContractChanges = z.infer<typeof contractChanges>;

export const changeContractInput = z.strictObject({
  model: exact(256),
  modelVersion: z.int().min(1).optional(),
  expectedVersion: z.int(),
  changes: contractChanges,
  reason,
});

/** One immutable version of the contract of a model's version. */
export type ContractView = {
  model: string;
  modelVersion: number;
  version: number;
  referenceId: string;
  contract: DataContract;
  reason: string;
  changedBy: string;
  changedAt: string;
  etag: number;
};

/** What a reference tells about a column. `min` and `max` of finite values; `values` by name, all of them where `complete`. */
export type ColumnFacts = {
  name: string;
  role: ColumnRole;
  kind: 'numeric' | 'categorical' | 'timestamp' | 'identifier';
  missing: number | null;
  min: number | null;
  max: number | null;
  whole: boolean;
  values: string[] | null;
  complete: boolean;
};
/** `days`: the starts of the days it has rows of, ascending; empty where it has no times. */
export type ReferenceFacts = { id: string; rows: number; days: string[]; columns: ColumnFacts[] };

/** Departures of single rows. The first seven cannot be counted and are always set aside; the others as the column's `whenBroken` says. */
export const rowRule = z.enum([
  'wrong_type',
  'timestamp_missing',
  'timestamp_unreadable',
  'time_in_future',
  'time_too_old',
  'not_finite',
  'score_out_of_range',
  'missing_value',
  'out_of_range',
  'not_whole',
  'unknown_category',
]);
export type RowRule = z.infer<typeof rowRule>;
export const fileRule = z.enum(['new_column', 'missing_column', 'type_changed', 'stale']);
export type FileRule = z.infer<typeof fileRule>;

/** A departure from the contract: what was expected and what was found, in words. `rows` of the file and their share. */
export const violation = z.object({
  rule: z.enum([...rowRule.options, ...fileRule.options]),
  column: z.string().nullable(),
  expected: z.string(),
  found: z.string(),
  rows: z.number().int(),
  share: z.number(),
  setAside: z.boolean(),
});
export type Violation = z.infer<typeof violation>;

/** Rows of a file that one rule set aside, with the first of them: `row` counts data rows from 1. */
export const asideCount = z.object({
  rule: rowRule,
  column: z.string(),
  rows: z.number().int(),
  row: z.number().int(),
  value: z.string().nullable(),
});
export type AsideCount = z.infer<typeof asideCount>;

/** What a counted column holds. `strangers`: rows with a value that is not among the contract's categories. */
export const examinedColumn = z.object({
  missing: z.number().int(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  outside: z.number().int(),
  strangers: z.number().int(),
  strangerNames: z.array(z.string()),
});
export type ExaminedColumn = z.infer<typeof examinedColumn>;

/** What a file holds, measured beside the counting: rows that count, the first and last of their times, the columns. */
export const examination = z.object({
  rows: z.number().int(),
  firstAt: z.string().nullable(),
  lastAt: z.string().nullable(),
  columns: z.record(z.string(), examinedColumn),
});
export type Examination = z.infer<typeof examination>;
