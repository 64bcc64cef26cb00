import { aucFromCounts } from './auc.ts';
import { unpackCounts } from './counts.ts';
import { calibrate, fitIsotonic } from './isotonic.ts';
import { MIN_LABELS, MIN_POSITIVES } from './rules.ts';
import type { BinaryState, EstimatedMetric } from './schema.ts';

/**
 * Confidence-based performance estimation of a binary classifier: without labels, each row's calibrated probability stands for its
 * label (NannyML's CBPE; Bialek et al. 2024, "Estimating model performance under covariate shift without labels"). Blind to a change
 * of the relation between inputs and outcome, so an estimate is never a proof that all is well.
 */
export const ESTIMATED_METRICS = ['roc_auc', 'accuracy', 'precision', 'recall', 'specificity', 'f1'] as const;
export type EstimatedName = (typeof ESTIMATED_METRICS)[number];

/** Half-width of the band in standard errors: an estimate has error beyond sampling, so wider than an interval of labels. */
const BAND_ERRORS = 3;

/** Rows grouped by score, ascending: the probability of a group's rows, and how many were predicted positive and negative. */
export type ScoredGroups = { probability: readonly number[]; positive: readonly number[]; negative: readonly number[] };

/** Expected metrics of the groups' rows; null where a denominator is empty. */
export function expectedMetrics(groups: ScoredGroups): Record<EstimatedName, number | null> {
  const sums = { tp: 0, fp: 0, tn: 0, fn: 0 };
  const [ones, zeros]: [number[], number[]] = [[], []];
  for (const [i, p] of groups.probability.entries()) {
    const [said, not] = [groups.positive[i]!, groups.negative[i]!];
    sums.tp += said * p;
    sums.fp += said * (1 - p);
    sums.fn += not * p;
    sums.tn += not * (1 - p);
    ones.push((said + not) * p);
    zeros.push((said + not) * (1 - p));
  }
  const { tp, fp, tn, fn } = sums;
  return {
    roc_auc: aucFromCounts(ones, zeros)?.value ?? null,
    accuracy: ratio(tp + tn, tp + fp + tn + fn),
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    specificity: ratio(tn, tn + fp),
    f1: ratio(2 * tp, 2 * tp + fp + fn),
  };
}

/** What of a labelled reference decides how far a metric scatters: the spread of one row, and the share of rows that count for it. */
type Spread = { deviation: number; share: number };

/**
 * Standard error of each metric over `n` rows like the reference's: the reference's row-level deviation over the root of the rows
 * that count for the metric. Null where the reference has none. Ties in the AUC take their mean rank.
 */
export function samplingErrors(reference: BinaryState, n: number): Record<EstimatedName, number | null> {
  const { tp, fp, tn, fn } = reference.confusion;
  const rows = tp + fp + tn + fn;
  const errors = tp + fp + fn;
  const f1Scale = errors / (tp + (fp + fn) / 2);
  const spreads: Record<EstimatedName, Spread> = {
    roc_auc: aucSpread(reference),
    accuracy: { deviation: deviationOfShare(tp + tn, rows), share: 1 },
    precision: { deviation: deviationOfShare(tp, tp + fp), share: (tp + fp) / rows },
    recall: { deviation: deviationOfShare(tp, tp + fn), share: (tp + fn) / rows },
    specificity: { deviation: deviationOfShare(tn, tn + fp), share: (tn + fp) / rows },
    f1: { deviation: f1Scale * deviationOfShare(tp, errors), share: errors / rows },
  };
  const found = ESTIMATED_METRICS.map((name) => {
    const { deviation, share } = spreads[name];
    const error = deviation / Math.sqrt(n * share);
    return [name, Number.isFinite(error) ? error : null] as const;
  });
  return Object.fromEntries(found) as Record<EstimatedName, number | null>;
}

/**
 * Estimates of a window from its scores on the reference's fine bins, calibrated on the reference's labels. The error of binning is
 * that of the AUC from counts (see auc.ts). Empty where the reference has too few labels or the window no scores.
 */
export function estimatePerformance(reference: BinaryState, window: BinaryState): EstimatedMetric[] {
  const probability = binProbabilities(reference);
  if (!probability || !window.outputs) return [];
  const groups = {
    probability,
    positive: unpackCounts(window.outputs.positive),
    negative: unpackCounts(window.outputs.negative),
  };
  const n = total(groups.positive) + total(groups.negative);
  if (n === 0) return [];
  const values = expectedMetrics(groups);
  const errors = samplingErrors(reference, n);
  return ESTIMATED_METRICS.map((metric): EstimatedMetric => {
    const [value, error] = [values[metric], errors[metric]];
    if (value === null || error === null) return { metric, value: null, samplingError: null, lo: null, hi: null, n };
    return { metric, value, samplingError: error, ...confidenceBand(value, error), n };
  });
}

/** estimate ± 3 standard errors, cut to 0 and 1. */
export function confidenceBand(value: number, samplingError: number): { lo: number; hi: number } {
  const half = BAND_ERRORS * samplingError;
  return { lo: Math.max(0, value - half), hi: Math.min(1, value + half) };
}

/** Probability of a positive label in each fine bin of the score; bins that the reference leaves empty lie between their neighbours. */
function binProbabilities(reference: BinaryState): number[] | null {
  if (!reference.scores) return null;
  const positive = unpackCounts(reference.scores.positive);
  const negative = unpackCounts(reference.scores.negative);
  const labelled = positive.map((count, i) => count + negative[i]!);
  if (total(labelled) < MIN_LABELS || total(positive) < MIN_POSITIVES) return null;
  const shares = positive.map((count, i) => (labelled[i] === 0 ? 0 : count / labelled[i]!));
  const curve = fitIsotonic([...labelled.keys()], shares, labelled);
  return shares.map((_, i) => calibrate(curve, i));
}

/** AUC as a mean over the rarer class: of each of its rows, the share of the other class that ranks below it. */
function aucSpread(reference: BinaryState): Spread {
  if (!reference.scores) return { deviation: Number.NaN, share: 0 };
  const positive = unpackCounts(reference.scores.positive);
  const negative = unpackCounts(reference.scores.negative);
  const [rare, other] = total(positive) > total(negative) ? [negative, positive] : [positive, negative];
  const [n, others] = [total(rare), total(other)];
  let below = 0;
  let sum = 0;
  let squares = 0;
  for (const [i, count] of rare.entries()) {
    const placement = (below + other[i]! / 2) / others;
    sum += count * placement;
    squares += count * placement * placement;
    below += other[i]!;
  }
  return { deviation: Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2)), share: n / (n + others) };
}

function deviationOfShare(hits: number, of: number): number {
  const share = hits / of;
  return Math.sqrt(share * (1 - share));
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
