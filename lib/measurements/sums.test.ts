import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addSums, mergeMoments, packCounts, sumAttributions, sumColumns, topValues, unpackCounts } from './counts.ts';
import { sumPerformance } from './performance.ts';
import type {
  AttributionSums,
  BinaryState,
  ColumnCounts,
  MulticlassState,
  PackedCounts,
  PerformanceState,
  RegressionState,
  RowLosses,
} from './schema.ts';

/** The definition: two at a time, everything unpacked and packed again. */
function addCounts(a: PackedCounts, b: PackedCounts): PackedCounts {
  const more = unpackCounts(b);
  return packCounts(unpackCounts(a).map((count, i) => count + more[i]!));
}

function addColumns(a: ColumnCounts, b: ColumnCounts): ColumnCounts {
  const named = new Map<string, number>();
  for (const { value, count } of [...a.newValues, ...b.newValues]) named.set(value, (named.get(value) ?? 0) + count);
  return {
    counts: addCounts(a.counts, b.counts),
    missing: a.missing + b.missing,
    nan: a.nan + b.nan,
    inf: a.inf + b.inf,
    moments: mergeMoments(a.moments, b.moments),
    newCount: a.newCount + b.newCount,
    newValues: topValues(named),
  };
}

function addLosses(a: RowLosses = { n: 0, sum: 0, sum2: 0 }, b: RowLosses = { n: 0, sum: 0, sum2: 0 }): RowLosses {
  return { n: a.n + b.n, sum: addSums(a.sum, b.sum), sum2: addSums(a.sum2, b.sum2) };
}

function addClasses(a: BinaryState['outputs'], b: BinaryState['outputs']): BinaryState['scores'] {
  if (!a || !b) return a ?? b ?? null;
  return { positive: addCounts(a.positive, b.positive), negative: addCounts(a.negative, b.negative) };
}

function addStates(a: PerformanceState, b: PerformanceState): PerformanceState {
  const rows = { n: a.n + b.n, labelled: a.labelled + b.labelled };
  if (a.task === 'binary' && b.task === 'binary') {
    const cell = (of: keyof BinaryState['confusion']) => a.confusion[of] + b.confusion[of];
    return {
      task: 'binary',
      ...rows,
      confusion: { tp: cell('tp'), fp: cell('fp'), tn: cell('tn'), fn: cell('fn') },
      scores: addClasses(a.scores, b.scores),
      outputs: addClasses(a.outputs, b.outputs),
      brier: addLosses(a.brier, b.brier),
      ...(a.logLoss || b.logLoss ? { logLoss: addLosses(a.logLoss, b.logLoss) } : {}),
    };
  }
  if (a.task === 'multiclass' && b.task === 'multiclass')
    return { task: 'multiclass', ...rows, matrix: a.matrix.map((count, i) => count + b.matrix[i]!) };
  if (a.task !== 'regression' || b.task !== 'regression') throw new RangeError('Not of one task.');
  return {
    task: 'regression',
    ...rows,
    sumE: addSums(a.sumE, b.sumE),
    sumAbsE: addSums(a.sumAbsE, b.sumAbsE),
    sumE2: addSums(a.sumE2, b.sumE2),
    sumE4: addSums(a.sumE4, b.sumE4),
    ...(a.percentage || b.percentage ? { percentage: addLosses(a.percentage, b.percentage) } : {}),
  };
}

const BINS = 300;
const count = fc.oneof({ weight: 3, arbitrary: fc.nat(3) }, fc.integer({ min: 0, max: 2 ** 40 }));
const filled = fc.uniqueArray(fc.tuple(fc.nat(BINS - 1), count), { maxLength: 12, selector: ([bin]) => bin });
/** As they are written now, and as the list that they were before. */
const packed: fc.Arbitrary<PackedCounts> = fc.tuple(filled, fc.boolean()).map(([held, asList]) => {
  const counts = new Array<number>(BINS).fill(0);
  for (const [bin, rows] of held) counts[bin] = rows;
  return asList ? counts : packCounts(counts);
});
const fraction = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const sum = fc.oneof(
  { weight: 20, arbitrary: fraction },
  fc.constant(null),
  fc.double({ min: -1.7e308, max: 1.7e308, noNaN: true }),
);
const moments = fc.record({ n: fc.integer({ min: 1, max: 50 }), min: fraction, max: fraction, sum, m2: sum });

/** Columns that name some of so many new values. */
function columnNaming(names: number): fc.Arbitrary<ColumnCounts> {
  const named = fc.tuple(fc.nat(names - 1), fc.integer({ min: 1, max: 9 }));
  return fc.record({
    counts: packed,
    missing: fc.nat(9),
    nan: fc.nat(9),
    inf: fc.nat(9),
    moments: fc.option(moments),
    newCount: fc.nat(99),
    newValues: fc.array(named, { maxLength: 14 }).map((held) => topValues(new Map(held.map(([i, n]) => [`v${i}`, n])))),
  });
}

const rows = { n: fc.nat(99), labelled: fc.nat(99) };
const losses = fc.record({ n: fc.nat(99), sum, sum2: sum });
const classes = fc.option(fc.record({ positive: packed, negative: packed }));
const binary: fc.Arbitrary<BinaryState> = fc.record(
  {
    task: fc.constant('binary' as const),
    ...rows,
    confusion: fc.record({ tp: fc.nat(9), fp: fc.nat(9), tn: fc.nat(9), fn: fc.nat(9) }),
    scores: classes,
    outputs: classes,
    brier: losses,
    logLoss: losses,
  },
  { requiredKeys: ['task', 'n', 'labelled', 'confusion', 'scores', 'brier'] },
);
const multiclass: fc.Arbitrary<MulticlassState> = fc.record({
  task: fc.constant('multiclass' as const),
  ...rows,
  matrix: fc.array(fc.nat(99), { minLength: 9, maxLength: 9 }),
});
const regression: fc.Arbitrary<RegressionState> = fc.record(
  {
    task: fc.constant('regression' as const),
    ...rows,
    sumE: sum,
    sumAbsE: sum,
    sumE2: sum,
    sumE4: sum,
    percentage: losses,
  },
  { requiredKeys: ['task', 'n', 'labelled', 'sumE', 'sumAbsE', 'sumE2', 'sumE4'] },
);

const many = { minLength: 1, maxLength: 12 };
const settings = { numRuns: 300, seed: 43 };

describe('a sum of many parts is to the last bit what adding them one by one gives', () => {
  it('of columns', () => {
    fc.assert(
      fc.property(fc.array(columnNaming(10), many), (parts) => {
        expect(sumColumns(parts)).toEqual(parts.reduce((a, b) => addColumns(a, b)));
      }),
      settings,
    );
  });

  it.each([
    ['binary', binary],
    ['multiclass', multiclass],
    ['regression', regression],
  ] as [string, fc.Arbitrary<PerformanceState>][])('of %s states', (_, state) => {
    fc.assert(
      fc.property(fc.array(state, many), (states) => {
        expect(sumPerformance(states)).toEqual(states.reduce((a, b) => addStates(a, b)));
      }),
      settings,
    );
  });

  it('of attributions', () => {
    const part = fc.dictionary(
      fc.constantFrom(...'dcba'),
      fc.record({ n: fc.nat(99), sum: fc.integer({ min: 0, max: 2 ** 44 }) }),
    );
    const add = (a: AttributionSums, b: AttributionSums): AttributionSums => {
      const of = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
      const both = (name: string, figure: 'n' | 'sum') => (a[name]?.[figure] ?? 0) + (b[name]?.[figure] ?? 0);
      return Object.fromEntries(of.map((name) => [name, { n: both(name, 'n'), sum: both(name, 'sum') }]));
    };
    fc.assert(
      fc.property(fc.array(part, many), (parts) => {
        expect(JSON.stringify(sumAttributions(parts))).toBe(JSON.stringify(parts.reduce(add, {})));
      }),
      settings,
    );
  });
});

it('of more new values than are kept a sum misses no more rows than adding columns one by one, in any order the same', () => {
  const shuffled = fc
    .array(columnNaming(40), many)
    .chain((parts) => fc.tuple(fc.constant(parts), fc.shuffledSubarray(parts, { minLength: parts.length })));
  fc.assert(
    fc.property(shuffled, ([parts, reordered]) => {
      const { newValues } = sumColumns(parts);
      expect(sumColumns(reordered).newValues).toEqual(newValues);
      const stepwise = parts.reduce((a, b) => addColumns(a, b)).newValues;
      expect(newValues).toHaveLength(stepwise.length);
      for (const [place, { count: rows }] of stepwise.entries())
        expect(newValues[place]!.count).toBeGreaterThanOrEqual(rows);
    }),
    settings,
  );
});
