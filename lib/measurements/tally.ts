import { binsFinder } from './bins.ts';
import { emptyColumn, packCounts, told } from './counts.ts';
import { binOfCode, FIRST_CODE, MISSING_CLASS, NEW_CLASS, NEW_CODE } from './plan.ts';
import type { ColumnBins, ColumnCounts, NumericBins, PerformanceState, RowLosses, Task } from './schema.ts';

/** A score of exactly 0 or 1 that is wrong would cost infinitely much; clipped as the field does (scikit-learn's former 1e-15). */
const SMALLEST_PROBABILITY = 1e-15;

/** Counts one column over many windows, from vectors as the scan delivers them. */
export type ColumnTally = {
  /** @returns the bin of each row, the number of bins where it has none; overwritten by the next call */
  add(values: ArrayLike<number>, windows: Int32Array, rows: number): Int32Array;
  read(window: number): ColumnCounts;
};

/** `values` are doubles (numeric: -infinity missing, infinity infinite) or codes (categorical), see plan.ts. */
export function columnTally(bins: ColumnBins): ColumnTally {
  return bins.kind === 'numeric' ? numericTally(bins) : categoricalTally(bins);
}

type NumericWindow = {
  counts: Int32Array;
  missing: number;
  nan: number;
  inf: number;
  n: number;
  min: number;
  max: number;
  sum: number;
  shifted: number;
  squares: number;
};

function numericTally(bins: NumericBins): ColumnTally {
  const edges = Float64Array.from(bins.edges);
  const find = binsFinder(edges);
  const size = edges.length + 1;
  // Squares are taken around a value inside the data: around zero, a timestamp-like column would lose all its digits.
  const shift = edges[edges.length >>> 1] ?? 0;
  const byWindow: NumericWindow[] = [];
  const fresh = (): NumericWindow => ({
    counts: new Int32Array(size),
    missing: 0,
    nan: 0,
    inf: 0,
    n: 0,
    min: Infinity,
    max: -Infinity,
    sum: 0,
    shifted: 0,
    squares: 0,
  });
  let found = new Int32Array(0);
  return {
    add(values, windows, rows) {
      if (found.length < rows) found = new Int32Array(rows);
      find(values, 0, rows, found);
      for (let from = 0; from < rows; ) {
        const to = endOfRun(windows, from, rows);
        addRun(stateOf(byWindow, windows[from]!, fresh), values, found, from, to, size, shift);
        from = to;
      }
      return found;
    },
    read(window) {
      const state = byWindow[window];
      if (!state) return emptyColumn(bins);
      const { n, min, max, sum, missing, nan, inf } = state;
      const m2 = Math.max(0, state.squares - (state.shifted * state.shifted) / n);
      const moments = n === 0 ? null : { n, min, max, sum: told(sum), m2: told(m2) };
      return { counts: packCounts(state.counts), missing, nan, inf, moments, newCount: 0, newValues: [] };
    },
  };
}

/** Rows mostly come in the order of time, so that a run of one window is long and its sums stay in registers. */
export function endOfRun(windows: Int32Array, from: number, rows: number): number {
  const window = windows[from]!;
  let to = from + 1;
  while (to < rows && windows[to] === window) to++;
  return to;
}

function addRun(
  state: NumericWindow,
  values: ArrayLike<number>,
  bins: Int32Array,
  from: number,
  to: number,
  size: number,
  shift: number,
): void {
  const { counts } = state;
  let { n, min, max, sum, shifted, squares } = state;
  for (let i = from; i < to; i++) {
    const bin = bins[i]!;
    const value = values[i]!;
    if (bin === size) {
      if (value === -Infinity) state.missing++;
      else if (value === Infinity) state.inf++;
      else state.nan++;
      continue;
    }
    counts[bin]!++;
    n++;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
    const distance = value - shift;
    shifted += distance;
    squares += distance * distance;
  }
  state.n = n;
  state.min = min;
  state.max = max;
  state.sum = sum;
  state.shifted = shifted;
  state.squares = squares;
}

function categoricalTally(bins: Extract<ColumnBins, { kind: 'categorical' }>): ColumnTally {
  const other = bins.categories.length;
  const [missing, fresh] = [other + 1, other + 2];
  // Places of a window's counters by code: the bins, then what is missing and what is new.
  const places = new Int32Array([...new Array<number>(FIRST_CODE).fill(missing), ...binOfCode(bins)]);
  const binsByCode = places.slice();
  places[NEW_CODE] = fresh;
  binsByCode[NEW_CODE] = other;
  const byWindow: Int32Array[] = [];
  let found = new Int32Array(0);
  return {
    add(values, windows, rows) {
      if (found.length < rows) found = new Int32Array(rows);
      for (let from = 0; from < rows; ) {
        const to = endOfRun(windows, from, rows);
        const counts = stateOf(byWindow, windows[from]!, () => new Int32Array(other + 3));
        addCodes(counts, values, places, binsByCode, found, from, to);
        from = to;
      }
      return found;
    },
    read(window) {
      const state = byWindow[window] ?? new Int32Array(other + 3);
      const counts = state.slice(0, other + 1);
      counts[other]! += state[fresh]!;
      // Where not all rare values of the reference were kept, an unknown one may be one of them.
      const newCount = bins.rareComplete ? state[fresh]! : 0;
      return {
        counts: packCounts(counts),
        missing: state[missing]!,
        nan: 0,
        inf: 0,
        moments: null,
        newCount,
        newValues: [],
      };
    },
  };
}

function addCodes(
  counts: Int32Array,
  codes: ArrayLike<number>,
  places: Int32Array,
  binsByCode: Int32Array,
  found: Int32Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const at = codes[i]!;
    counts[places[at]!]!++;
    found[i] = binsByCode[at]!;
  }
}

export type PerformanceTally = {
  add(
    row: { label: ArrayLike<number>; prediction: ArrayLike<number>; score: ArrayLike<number> },
    windows: Int32Array,
    rows: number,
  ): void;
  read(window: number, n: number): PerformanceState | null;
};

/** Counts hits and misses; `scoreBins` are those of the score column, where there is one. A null task counts nothing. */
export function performanceTally(task: Task | null, scoreBins: NumericBins | null): PerformanceTally {
  switch (task?.task) {
    case 'binary':
      return binaryTally(task.threshold, scoreBins);
    case 'multiclass':
      return multiclassTally(task.classes.length);
    case 'regression':
      return regressionTally();
    default:
      return { add: () => undefined, read: () => null };
  }
}

function binaryTally(threshold: number, scoreBins: NumericBins | null): PerformanceTally {
  const edges = scoreBins ? Float64Array.from(scoreBins.edges) : null;
  const find = edges && binsFinder(edges);
  const size = (edges?.length ?? 0) + 1;
  let bins = new Int32Array(0);
  // confusion: [tn, fp, fn, tp], index 2 * label + prediction
  const fresh = () => ({
    labelled: 0,
    confusion: [0, 0, 0, 0],
    positive: new Int32Array(size),
    negative: new Int32Array(size),
    saidPositive: new Int32Array(size),
    saidNegative: new Int32Array(size),
    brier: noLosses(),
    logLoss: noLosses(),
  });
  const byWindow: ReturnType<typeof fresh>[] = [];
  return {
    add({ label, prediction, score }, windows, rows) {
      if (bins.length < rows) bins = new Int32Array(rows);
      find?.(score, 0, rows, bins);
      for (let i = 0; i < rows; i++) {
        const truth = label[i]!;
        const value = score[i]!;
        const scored = value - value === 0;
        const bin = scored && find ? bins[i]! : -1;
        const said = prediction[i]! >= 0 ? prediction[i]! : scored ? Number(value >= threshold) : -1;
        if (truth < 0 && bin < 0) continue;
        const state = stateOf(byWindow, windows[i]!, fresh);
        if (bin >= 0 && said >= 0) (said === 1 ? state.saidPositive : state.saidNegative)[bin]!++;
        if (truth < 0) continue;
        state.labelled++;
        if (bin >= 0) {
          (truth === 1 ? state.positive : state.negative)[bin]!++;
          addLoss(state.brier, (value - truth) ** 2);
          const clipped = Math.min(1 - SMALLEST_PROBABILITY, Math.max(SMALLEST_PROBABILITY, value));
          addLoss(state.logLoss, -Math.log(truth === 1 ? clipped : 1 - clipped));
        }
        if (said >= 0) state.confusion[2 * truth + said]!++;
      }
    },
    read(window, n) {
      const state = byWindow[window] ?? fresh();
      const [tn, fp, fn, tp] = state.confusion as [number, number, number, number];
      const scores = edges ? { positive: packCounts(state.positive), negative: packCounts(state.negative) } : null;
      const outputs = edges
        ? { positive: packCounts(state.saidPositive), negative: packCounts(state.saidNegative) }
        : null;
      const { labelled, brier, logLoss } = state;
      return { task: 'binary', n, labelled, confusion: { tp, fp, tn, fn }, scores, outputs, brier, logLoss };
    },
  };
}

function multiclassTally(classes: number): PerformanceTally {
  const size = classes + 1;
  const byWindow: { labelled: number; matrix: number[] }[] = [];
  const fresh = () => ({ labelled: 0, matrix: new Array<number>(size * size).fill(0) });
  return {
    add({ label, prediction }, windows, rows) {
      for (let i = 0; i < rows; i++) {
        const truth = label[i]!;
        const said = prediction[i]!;
        if (truth === MISSING_CLASS) continue;
        const state = stateOf(byWindow, windows[i]!, fresh);
        state.labelled++;
        if (said === MISSING_CLASS) continue;
        state.matrix[(truth === NEW_CLASS ? classes : truth) * size + (said === NEW_CLASS ? classes : said)]!++;
      }
    },
    read: (window, n) => ({ task: 'multiclass', n, ...(byWindow[window] ?? fresh()) }),
  };
}

function regressionTally(): PerformanceTally {
  const fresh = () => ({ labelled: 0, sumE: 0, sumAbsE: 0, sumE2: 0, sumE4: 0, percentage: noLosses() });
  const byWindow: ReturnType<typeof fresh>[] = [];
  return {
    add({ label, prediction }, windows, rows) {
      for (let i = 0; i < rows; i++) {
        const error = prediction[i]! - label[i]!;
        if (error - error !== 0) continue;
        const state = stateOf(byWindow, windows[i]!, fresh);
        const square = error * error;
        state.labelled++;
        state.sumE += error;
        state.sumAbsE += Math.abs(error);
        state.sumE2 += square;
        state.sumE4 += square * square;
        if (label[i] !== 0) addLoss(state.percentage, Math.abs(error / label[i]!));
      }
    },
    read(window, n) {
      const { labelled, sumE, sumAbsE, sumE2, sumE4, percentage } = byWindow[window] ?? fresh();
      const errors = { sumE: told(sumE), sumAbsE: told(sumAbsE), sumE2: told(sumE2), sumE4: told(sumE4) };
      return { task: 'regression', n, labelled, ...errors, percentage: toldLosses(percentage) };
    },
  };
}

type Losses = { n: number; sum: number; sum2: number };

function noLosses(): Losses {
  return { n: 0, sum: 0, sum2: 0 };
}

/** The squares of losses that are each small enough, such as |e / label| with a label of 1e-200, may not be. */
function toldLosses({ n, sum, sum2 }: Losses): RowLosses {
  return { n, sum: told(sum), sum2: told(sum2) };
}

function addLoss(losses: Losses, loss: number): void {
  losses.n++;
  losses.sum += loss;
  losses.sum2 += loss * loss;
}

function stateOf<T>(byWindow: T[], window: number, fresh: () => T): T {
  const known = byWindow[window];
  if (known !== undefined) return known;
  const state = fresh();
  byWindow[window] = state;
  return state;
}
