import * as z from 'zod';
import { columnRole } from '../contracts/schema.ts';
import { columnKind, type Segment } from '../measurements/schema.ts';
import type { Favourable } from '../models/schema.ts';

/** From "nothing to see" to "act"; `too_few`: the window is too small to tell. */
export const driftState = z.enum(['stable', 'slight', 'changed', 'changed_a_lot', 'too_few']);
export type DriftState = z.infer<typeof driftState>;

/** One window of a metric: `at` is its end, `lo`/`hi` the 95 % interval where the metric has one. */
export type MetricPoint = {
  at: string;
  value: number | null;
  lo: number | null;
  hi: number | null;
  n: number;
  positives: number | null;
};

/** Seasonal data is held against the reference's days of the same weekday, or of the same month of any year. */
export const season = z.enum(['same_weekday', 'same_month']);
export type Season = z.infer<typeof season>;

export const checkState = z.enum(['fine', 'warning', 'critical']);
export type CheckState = z.infer<typeof checkState>;

/** One scoring bin: bounds (null where open), a category, or all other values; shares of filled rows; its term of the PSI. */
export const contribution = z.object({
  bin: z.union([
    z.object({ above: z.number().nullable(), upTo: z.number().nullable() }),
    z.object({ category: z.string() }),
    z.object({ other: z.literal(true) }),
  ]),
  reference: z.number(),
  current: z.number(),
  term: z.number(),
});
export type Contribution = z.infer<typeof contribution>;

/** A share of rows before and now; `lower` is the 95% lower bound of its rise. Shares, not percent. */
export const shareCheck = z.object({
  reference: z.number(),
  current: z.number(),
  lower: z.number(),
  state: checkState,
});
export type ShareCheck = z.infer<typeof shareCheck>;

/**
 * One column of one window against the reference, with all that is needed to get the same number again. `n` and `referenceN` are
 * filled rows. `noiseLimit` is the PSI that chance alone exceeds in `alpha` of windows over `columns` columns together. `tvd` is the
 * share of rows that would have to move to restore the reference. `learned` is the noise of the reference's own windows, where it has
 * enough; `noiseLimit` is never below it. `against` says which days of the reference were compared. `typical` are medians, the current one read from bins.
 */
export const driftResult = z.object({
  method: z.enum(['psi_add_half/1', 'psi_add_half/2']),
  column: z.string(),
  role: columnRole,
  kind: columnKind,
  n: z.number().int(),
  referenceN: z.number().int(),
  psi: z.number(),
  tvd: z.number(),
  noiseLimit: z.number(),
  learned: z.number().nullable().optional(),
  against: z.enum(['reference', ...season.options]).optional(),
  alpha: z.number(),
  columns: z.number().int(),
  limits: z.object({ slight: z.number(), changed: z.number(), changedALot: z.number() }),
  state: driftState,
  contributions: z.array(contribution),
  missing: shareCheck,
  fresh: shareCheck.extend({ values: z.array(z.object({ value: z.string(), count: z.number().int() })) }),
  typical: z.object({ reference: z.number(), current: z.number() }).nullable(),
});
export type DriftResult = z.infer<typeof driftResult>;

/** A method's answer under the name of its variant: figures of different variants are not comparable. `p` where it is a test. */
export const methodResult = z.object({
  method: z.enum([
    'psi',
    'jensen_shannon',
    'hellinger',
    'l_infinity',
    'total_variation',
    'chi_square',
    'g_test',
    'two_proportion_z',
    'kolmogorov_smirnov',
    'wasserstein',
  ]),
  variant: z.string(),
  value: z.number().nullable(),
  p: z.number().nullable(),
});
export type MethodResult = z.infer<typeof methodResult>;

/** One column in one window, as charts need it; `methods` only where a single column is asked for. */
export const driftPoint = z.object({
  start: z.string(),
  end: z.string(),
  n: z.number().int(),
  psi: z.number().nullable(),
  noiseLimit: z.number().nullable(),
  state: driftState,
  alarm: z.boolean(),
  missing: checkState,
  fresh: checkState,
  methods: z.array(methodResult).optional(),
});
export type DriftPoint = z.infer<typeof driftPoint>;

export type DriftFeature = {
  name: string;
  role: string;
  kind: string;
  /** The column's part of all importance; null for what the model puts out, and where nothing is known. */
  importance: number | null;
  /** The drift beyond its noise times the importance: what to look at first. Null where no importance is known. */
  priority: number | null;
  /** Place in the list, from 1. */
  rank: number;
  points: DriftPoint[];
  /** Plain words on the last week of the range, and the record its numbers come from. */
  sentence: string | null;
  latest: DriftResult | null;
};

/**
 * Where importance comes from. `sent`: measured by the version's makers, by the method they name. `computed`: how much of the score's
 * variance each column explains in the reference, corrected for chance; one column at a time, so without interactions.
 */
export const importanceSource = z.enum(['sent', 'computed']);
export type ImportanceSource = z.infer<typeof importanceSource>;

/** `explained`, of computed importance: the share of the score's variance, before it is made a part of the sum. */
export type ImportanceView = {
  version: number;
  source: ImportanceSource | null;
  method: string | null;
  sentBy: string | null;
  sentAt: string | null;
  columns: { name: string; share: number; explained: number | null }[];
};

/** `no_reference`, `no_data` and `ready` are different facts, and are said as such. */
export type DriftView = {
  state: 'ready' | 'no_reference' | 'no_data';
  version: number | null;
  windows: { start: string; end: string; n: number }[];
  features: DriftFeature[];
  summary: { sentences: string[] };
  importanceSource: ImportanceSource | null;
  importanceMethod: string | null;
  /** `batches`: files of observations counted on this reference, of all; they differ while a new reference has them read anew. */
  reference: { rows: number; columns: number; batches: { counted: number; total: number } } | null;
};

export type DistributionView = {
  feature: string;
  kind: string;
  from: string;
  to: string;
  n: number;
  referenceN: number;
  bins: Contribution[];
  state: DriftState;
  psi: number;
  noiseLimit: number;
  against: DriftResult['against'];
  methods: MethodResult[];
  sentence: string;
};

/**
 * `n` labels among `rows`. `estimated` is the metric without labels, over all scored rows, with three sampling errors to each side:
 * it assumes that the relation of inputs and outcome is unchanged.
 */
export type PerformancePoint = {
  start: string;
  end: string;
  value: number | null;
  lo: number | null;
  hi: number | null;
  n: number;
  /** Null where they are not counted. */
  positives: number | null;
  rows: number;
  reason: string | null;
  estimated: { value: number; lo: number; hi: number; n: number } | null;
};
export type PerformanceView = {
  state: 'ready' | 'no_labels' | 'no_data' | 'no_reference';
  metric: string | null;
  metrics: string[];
  points: PerformancePoint[];
  coverage: number | null;
  /** How good the estimates were where labels came: over how many windows, and the mean distance to what was realized. */
  trackRecord: { windows: number; meanError: number } | null;
};

/**
 * One segment over a range: the metric with its interval, and how its inputs moved against the same segment of the reference.
 * `reason` `too_few_labels`, or a drift state `too_few`, says that it cannot be judged. `drifted` are the columns that changed.
 */
export type SegmentView = {
  segment: Segment;
  name: string;
  rows: number;
  referenceRows: number;
  value: number | null;
  lo: number | null;
  hi: number | null;
  n: number;
  reason: string | null;
  drift: DriftState;
  drifted: { column: string; psi: number; state: DriftState }[];
};
export type SegmentsView = {
  state: PerformanceView['state'];
  by: string;
  metric: string | null;
  metrics: string[];
  segments: SegmentView[];
};

/**
 * Whether a group fares worse than the base, by the 95% interval of the ratio of their rates and the four-fifths rule: `ok` no part of
 * it lies below 0.8, `at_risk` it holds 0.8, `review` all of it lies below. `cannot_judge`: too few rows, or no rate to compare with.
 */
export const fairnessState = z.enum(['base', 'ok', 'at_risk', 'review', 'cannot_judge']);
export type FairnessState = z.infer<typeof fairnessState>;

/** A rate among `n` rows with its interval, and its ratio to the base's with its own; `ratioHi` null where there is no bound. */
export type ComparedRate = {
  hits: number;
  n: number;
  rate: number | null;
  lo: number | null;
  hi: number | null;
  ratio: number | null;
  ratioLo: number | null;
  ratioHi: number | null;
  state: FairnessState;
};

/**
 * One group. `selected`: rows that got the favourable answer, of all with an answer. Among rows with a label: `rightly`, of those who
 * deserved it (true positive rate, equal opportunity); `wrongly`, of those who did not (false positive rate).
 */
export type FairnessGroup = {
  name: string;
  rows: number;
  selected: ComparedRate;
  rightly: ComparedRate;
  wrongly: ComparedRate;
};
export type FairnessView = {
  state: 'ready' | 'no_reference' | 'no_data' | 'not_binary';
  column: string;
  favourable: Favourable;
  /** The answer that is the favourable one, as the data spells it or as the threshold makes it. */
  answer: string | null;
  /** The group held against; `baseNamed` where people chose it, else it is the best-off group that can be judged. */
  base: string | null;
  baseNamed: boolean;
  limit: number;
  minimum: number;
  labelled: number;
  groups: FairnessGroup[];
};

/** `ndcg` compares the window's ranking of the features with the reference's: 1 is the same ranking. */
export const attributionState = z.enum(['alike', 'moved', 'too_few']);
export type AttributionState = z.infer<typeof attributionState>;
export type AttributionsView = {
  state: 'ready' | 'no_reference' | 'no_attributions' | 'no_data';
  version: number | null;
  /** Below this an alarm. */
  limit: number;
  minimum: number;
  windows: {
    start: string;
    end: string;
    n: number;
    ndcg: number | null;
    state: AttributionState;
    shares: Record<string, number>;
  }[];
  /** Each feature's part of all mean |attribution|, in the reference and over the whole range; the reference's order. */
  features: { name: string; reference: number; current: number | null }[];
};

/** A column of a judged window without its terms and words, which are computed when asked for. */
export type JudgedColumn = {
  n: number;
  psi: number;
  noiseLimit: number;
  state: DriftState;
  missing: CheckState;
  fresh: CheckState;
};
