import { aucFromCounts } from './auc.ts';
import { averagePrecision } from './average-precision.ts';
import { addSums, sumCounts, unpackCounts } from './counts.ts';
import { deltaInterval } from './delta.ts';
import { type Interval, normalInterval, wilson } from './intervals.ts';
import { macroAverage } from './multiclass.ts';
import { MIN_LABELS, MIN_POSITIVES } from './rules.ts';
import type {
  BinaryState,
  MetricAnswer,
  MetricName,
  MulticlassState,
  PerformanceState,
  RegressionState,
  RowLosses,
} from './schema.ts';

type Found = ({ value: number; n: number } & Interval) | { value: null; n: number };

const NO_LOSSES: RowLosses = { n: 0, sum: 0, sum2: 0 };

/** Which metrics a task has, in the order they are shown. */
export const METRICS_OF_TASK = {
  binary: [
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
  ],
  multiclass: ['accuracy', 'macro_f1', 'macro_precision', 'macro_recall'],
  regression: ['mae', 'rmse', 'bias', 'mape'],
} as const satisfies Record<PerformanceState['task'], readonly MetricName[]>;

/**
 * State over the rows of one or more. Counts add exactly, sums to rounding, one state after the other. States of different tasks do
 * not add.
 */
export function sumPerformance(states: readonly PerformanceState[]): PerformanceState {
  const first = states[0]!;
  if (states.length === 1) return first;
  const binary = states.filter((state) => state.task === 'binary');
  if (binary.length === states.length) return sumBinary(binary);
  const multiclass = states.filter((state) => state.task === 'multiclass');
  if (multiclass.length === states.length) return multiclass.reduce(addMulticlass);
  const regression = states.filter((state) => state.task === 'regression');
  if (regression.length === states.length) return regression.reduce(addRegression);
  const other = states.find((state) => state.task !== first.task);
  throw new RangeError(`A ${first.task} and a ${other?.task} state cannot be added.`);
}

/**
 * One metric with its 95% interval. Shares by Wilson, F1, MCC, balanced and macro figures by the delta method, AUC by DeLong,
 * average precision on the logit scale, losses and errors from their standard errors.
 * A metric that the task lacks, or whose denominator is empty, answers null with `undefined_here`.
 */
export function metric(state: PerformanceState, name: MetricName): MetricAnswer {
  const positives = state.task === 'binary' ? positiveLabels(state) : undefined;
  const found = find(state, name);
  const sample = positives === undefined ? { n: found.n } : { n: found.n, positives };
  const tooFew = found.n < MIN_LABELS || (positives !== undefined && positives < MIN_POSITIVES);
  if (state.labelled === 0) return { metric: name, value: null, lo: null, hi: null, ...sample, reason: 'no_labels' };
  if (found.value === null) {
    return {
      metric: name,
      value: null,
      lo: null,
      hi: null,
      ...sample,
      reason: tooFew ? 'too_few_labels' : 'undefined_here',
    };
  }
  const answer = { metric: name, value: found.value, lo: found.lo, hi: found.hi, ...sample };
  return tooFew ? { ...answer, reason: 'too_few_labels' } : answer;
}

/** Every metric of the state's task. */
export function metrics(state: PerformanceState): MetricAnswer[] {
  return METRICS_OF_TASK[state.task].map((name) => metric(state, name));
}

function find(state: PerformanceState, name: MetricName): Found {
  switch (state.task) {
    case 'binary':
      return ofBinary(state, name);
    case 'multiclass':
      return ofMulticlass(state, name);
    case 'regression':
      return ofRegression(state, name);
  }
}

function ofBinary(state: BinaryState, name: MetricName): Found {
  const { tp, fp, tn, fn } = state.confusion;
  const n = tp + fp + tn + fn;
  switch (name) {
    case 'accuracy':
      return share(tp + tn, n, n);
    case 'precision':
      return share(tp, tp + fp, n);
    case 'recall':
      return share(tp, tp + fn, n);
    case 'specificity':
      return share(tn, tn + fp, n);
    case 'f1':
      return ofCells(state, f1, [0, 1], tp + fp + fn);
    case 'balanced_accuracy':
      return ofCells(state, balancedAccuracy, [0, 1], Math.min(tp + fn, tn + fp));
    case 'mcc':
      return ofCells(state, matthews, [-1, 1], Math.min(tp + fn, tn + fp));
    case 'roc_auc': {
      const scores = state.scores;
      const found = scores && aucFromCounts(unpackCounts(scores.positive), unpackCounts(scores.negative));
      if (!found) return { value: null, n: scores ? state.labelled : 0 };
      return { value: found.value, lo: found.lo, hi: found.hi, n: found.positives + found.negatives };
    }
    case 'average_precision': {
      const scores = state.scores;
      const found = scores && averagePrecision(unpackCounts(scores.positive), unpackCounts(scores.negative));
      return found
        ? { value: found.value, lo: found.lo, hi: found.hi, n: state.brier.n }
        : { value: null, n: state.brier.n };
    }
    case 'brier':
      return meanLoss(state.brier);
    case 'log_loss':
      return meanLoss(state.logLoss);
    default:
      return { value: null, n };
  }
}

function ofMulticlass(state: MulticlassState, name: MetricName): Found {
  const size = Math.round(Math.sqrt(state.matrix.length));
  let n = 0;
  let right = 0;
  state.matrix.forEach((count, i) => {
    n += count;
    // The last class gathers all unknown ones: two of them need not agree.
    if (i % (size + 1) === 0 && i < state.matrix.length - 1) right += count;
  });
  if (name === 'accuracy') return share(right, n, n);
  const macro =
    name === 'macro_f1' || name === 'macro_precision' || name === 'macro_recall'
      ? macroAverage(state.matrix, name)
      : null;
  return macro ? { ...macro, n } : { value: null, n };
}

function ofRegression(state: RegressionState, name: MetricName): Found {
  const n = state.labelled;
  if (name === 'mae') return mean(n, state.sumAbsE, state.sumE2);
  if (name === 'mape') return meanLoss(state.percentage);
  if (name === 'bias') return { ...mean(n, state.sumE, state.sumE2, -Infinity) };
  if (name !== 'rmse' || n === 0 || state.sumE2 === null || state.sumE4 === null) return { value: null, n };
  const meanSquare = state.sumE2 / n;
  const value = Math.sqrt(meanSquare);
  // Delta method on the mean of e²; needs the fourth power for the variance of e².
  const variance = Math.max(0, state.sumE4 / n - meanSquare * meanSquare);
  const standardError = value === 0 ? 0 : Math.sqrt(variance / n) / (2 * value);
  return { value, n, ...normalInterval(value, standardError, 0) };
}

function share(hits: number, of: number, n: number): Found {
  return of === 0 ? { value: null, n } : { value: hits / of, n, ...wilson(hits, of) };
}

/** A figure of the confusion matrix; null where it divides by nothing. */
function ofCells(
  { confusion: { tp, fp, tn, fn } }: BinaryState,
  figure: (cells: readonly number[]) => number,
  range: readonly [number, number],
  relevant: number,
): Found {
  const cells = [tp, fp, tn, fn];
  const n = tp + fp + tn + fn;
  const value = figure(cells);
  if (!Number.isFinite(value)) return { value: null, n };
  return { value, n, ...deltaInterval(cells, figure, range, relevant) };
}

function f1([tp = 0, fp = 0, , fn = 0]: readonly number[]): number {
  return (2 * tp) / (2 * tp + fp + fn);
}

function balancedAccuracy([tp = 0, fp = 0, tn = 0, fn = 0]: readonly number[]): number {
  return (tp / (tp + fn) + tn / (tn + fp)) / 2;
}

/** Matthews correlation coefficient (Matthews 1975): the correlation of label and prediction. */
function matthews([tp = 0, fp = 0, tn = 0, fn = 0]: readonly number[]): number {
  return (tp * tn - fp * fn) / Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
}

function meanLoss(losses: RowLosses | undefined): Found {
  return losses ? mean(losses.n, losses.sum, losses.sum2) : { value: null, n: 0 };
}

/** None where its sums were not told: a mean without its interval would be judged as if it were certain. */
function mean(n: number, sum: number | null, sumOfSquares: number | null, floor = 0): Found {
  if (n === 0 || sum === null || sumOfSquares === null) return { value: null, n };
  const value = sum / n;
  const variance = n > 1 ? Math.max(0, sumOfSquares - n * value * value) / (n - 1) : 0;
  return { value, n, ...normalInterval(value, Math.sqrt(variance / n), floor) };
}

/** Packed counts, which are many, are added all at once. */
function sumBinary(states: readonly BinaryState[]): BinaryState {
  return {
    ...states.reduce(addBinary),
    scores: sumClasses(states.map(({ scores }) => scores)),
    outputs: sumClasses(states.map(({ outputs }) => outputs)),
  };
}

const addRows = (a: PerformanceState, b: PerformanceState) => ({ n: a.n + b.n, labelled: a.labelled + b.labelled });

/** Without the packed counts. */
function addBinary(a: BinaryState, b: BinaryState): BinaryState {
  return {
    ...a,
    ...addRows(a, b),
    confusion: {
      tp: a.confusion.tp + b.confusion.tp,
      fp: a.confusion.fp + b.confusion.fp,
      tn: a.confusion.tn + b.confusion.tn,
      fn: a.confusion.fn + b.confusion.fn,
    },
    brier: addLosses(a.brier, b.brier),
    ...(a.logLoss || b.logLoss ? { logLoss: addLosses(a.logLoss, b.logLoss) } : {}),
  };
}

function addMulticlass(a: MulticlassState, b: MulticlassState): MulticlassState {
  if (a.matrix.length !== b.matrix.length) throw new RangeError('Matrices over different classes cannot be added.');
  return { ...a, ...addRows(a, b), matrix: a.matrix.map((count, i) => count + b.matrix[i]!) };
}

function addRegression(a: RegressionState, b: RegressionState): RegressionState {
  return {
    ...a,
    ...addRows(a, b),
    sumE: addSums(a.sumE, b.sumE),
    sumAbsE: addSums(a.sumAbsE, b.sumAbsE),
    sumE2: addSums(a.sumE2, b.sumE2),
    sumE4: addSums(a.sumE4, b.sumE4),
    ...(a.percentage || b.percentage ? { percentage: addLosses(a.percentage, b.percentage) } : {}),
  };
}

/** Over the rows of both; a state from before the loss was counted adds none. */
function addLosses(a: RowLosses = NO_LOSSES, b: RowLosses = NO_LOSSES): RowLosses {
  return { n: a.n + b.n, sum: addSums(a.sum, b.sum), sum2: addSums(a.sum2, b.sum2) };
}

function sumClasses(parts: readonly BinaryState['outputs'][]): BinaryState['scores'] {
  const held = parts.filter((part) => part != null);
  if (held.length === 0) return null;
  return {
    positive: sumCounts(held.map(({ positive }) => positive)),
    negative: sumCounts(held.map(({ negative }) => negative)),
  };
}

function positiveLabels(state: BinaryState): number {
  const judged = state.confusion.tp + state.confusion.fn;
  const scored = state.scores ? unpackCounts(state.scores.positive).reduce((total, count) => total + count, 0) : 0;
  // Rows may lack the one or the other.
  return Math.max(judged, scored);
}
