import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aucFromCounts } from './auc.ts';
import { fineBin, numericBins } from './bins.ts';
import { newcombe, wilson } from './intervals.ts';
import { mergePerformance, metric, metrics } from './performance.ts';
import type { PerformanceState, Task } from './schema.ts';
import { performanceTally } from './tally.ts';

const GOLDEN = join(import.meta.dirname, '../../../shared/golden');
const read = (file: string) =>
  existsSync(join(GOLDEN, file))
    ? (JSON.parse(readFileSync(join(GOLDEN, file), 'utf8')) as Record<string, unknown>)
    : null;
const misc = read('misc.json');
const specfun = read('specfun.json');

const scoreBins = numericBins(Float64Array.from({ length: 101 }, (_, i) => i / 100));
const binary: Task = { task: 'binary', positive: '1', threshold: 0.5 };

type Row = { label: number; prediction: number; score: number };

function stateOf(task: Task, rows: Row[]): PerformanceState {
  const tally = performanceTally(task, task.task === 'binary' ? scoreBins : null);
  const column = (key: keyof Row) => rows.map((row) => row[key]);
  const vectors = { label: column('label'), prediction: column('prediction'), score: column('score') };
  tally.add(vectors, new Int32Array(rows.length), rows.length);
  return tally.read(0, rows.length)!;
}

const code = fc.integer({ min: -1, max: 1 });
const binaryRow = fc.record({
  label: code,
  prediction: code,
  score: fc.integer({ min: 0, max: 100 }).map((i) => i / 100),
});
const amount = fc.integer({ min: -1000, max: 1000 });
const amountRow = fc.record({ label: amount, prediction: amount, score: fc.constant(-Infinity) });

describe('merging windows', () => {
  it.each([
    [binary, binaryRow],
    [{ task: 'multiclass', classes: ['a', 'b'] } satisfies Task, binaryRow],
    [{ task: 'regression' } satisfies Task, amountRow],
  ] as const)('days merged to weeks and to a month count what the month counts (%o)', (task, rowShape) => {
    fc.assert(
      fc.property(fc.array(fc.array(rowShape, { maxLength: 30 }), { minLength: 1, maxLength: 12 }), (days) => {
        const states = days.map((rows) => stateOf(task, rows));
        const half = Math.ceil(states.length / 2);
        const weeks = [states.slice(0, half), states.slice(half)].filter((week) => week.length > 0);
        const merged = weeks.map((week) => week.reduce(mergePerformance)).reduce(mergePerformance);
        const direct = stateOf(task, days.flat());
        // Squared scores are the only sums that are not whole numbers; their rounding depends on the order.
        const sums = (state: PerformanceState) => (state.task === 'binary' ? state.brier : { sum: 0, sum2: 0 });
        expect(sums(merged).sum).toBeCloseTo(sums(direct).sum, 10);
        expect(sums(merged).sum2).toBeCloseTo(sums(direct).sum2, 10);
        const counted = (state: PerformanceState) => ({ ...state, brier: undefined });
        expect(counted(merged)).toEqual(counted(direct));
      }),
    );
  });

  it('refuses states of different tasks', () => {
    expect(() => mergePerformance(stateOf(binary, []), stateOf({ task: 'regression' }, []))).toThrow(RangeError);
  });
});

describe('answers', () => {
  const rows = (n: number, positives: number): Row[] =>
    Array.from({ length: n }, (_, i) => ({
      label: Number(i < positives),
      prediction: Number(i < positives),
      score: i < positives ? 0.9 : 0.1,
    }));

  it('no labels is a reason, not a zero', () => {
    const state = stateOf(binary, [{ label: -1, prediction: 1, score: 0.9 }]);
    for (const answer of metrics(state)) expect(answer).toMatchObject({ value: null, reason: 'no_labels' });
  });

  it('49 labels, or 9 positives, are too few', () => {
    expect(metric(stateOf(binary, rows(49, 20)), 'accuracy').reason).toBe('too_few_labels');
    expect(metric(stateOf(binary, rows(500, 9)), 'recall').reason).toBe('too_few_labels');
    expect(metric(stateOf(binary, rows(50, 10)), 'accuracy').reason).toBeUndefined();
  });

  it('a perfect month still has an interval', () => {
    const answer = metric(stateOf(binary, rows(100, 40)), 'roc_auc');
    expect(answer).toMatchObject({ value: 1, hi: 1, n: 100, positives: 40 });
    expect(answer.lo).toBeLessThan(0.95);
  });

  it('precision without a positive prediction is undefined', () => {
    const silent = Array.from({ length: 100 }, (_, i) => ({ label: i % 2, prediction: 0, score: 0.1 }));
    expect(metric(stateOf(binary, silent), 'precision')).toMatchObject({ value: null, reason: 'undefined_here' });
  });

  it('a score without predictions is judged at the threshold', () => {
    const scored = Array.from({ length: 100 }, (_, i) => ({ label: i % 2, prediction: -1, score: i % 2 ? 0.5 : 0.49 }));
    expect(metric(stateOf(binary, scored), 'accuracy').value).toBe(1);
  });

  it('errors of amounts: mae, rmse and bias', () => {
    const state = stateOf(
      { task: 'regression' },
      Array.from({ length: 100 }, (_, i) => ({ label: 0, prediction: i % 2 ? 3 : -1, score: -Infinity })),
    );
    expect(metric(state, 'mae').value).toBe(2);
    expect(metric(state, 'rmse').value).toBeCloseTo(Math.sqrt(5), 12);
    expect(metric(state, 'bias').value).toBe(1);
  });
});

describe.skipIf(!misc || !specfun)('against scipy and scikit-learn', () => {
  it('AUC with ties', () => {
    const golden = misc!.auc_with_ties as {
      scores: number[];
      y?: number[];
      labels?: number[];
      auc?: number;
      roc_auc?: number;
    };
    const truth = (golden.y ?? golden.labels)!;
    const bins = numericBins(Float64Array.from(golden.scores).sort());
    const counts = [0, 1].map((of) => {
      const fine = new Array<number>(bins.edges.length + 1).fill(0);
      golden.scores.forEach((score, i) => {
        if (truth[i] === of) fine[fineBin(bins.edges, score)]!++;
      });
      return fine;
    });
    expect(aucFromCounts(counts[1]!, counts[0]!)!.value).toBeCloseTo((golden.auc ?? golden.roc_auc)!, 12);
  });
});

it('Wilson and Newcombe agree with the published examples', () => {
  // Newcombe 1998, tables I and II: 81/263 by method 3; 56/70 - 48/80 by method 10.
  expect(wilson(81, 263).lo).toBeCloseTo(0.2553, 4);
  expect(wilson(81, 263).hi).toBeCloseTo(0.3662, 4);
  const difference = newcombe({ hits: 56, n: 70 }, { hits: 48, n: 80 });
  expect(difference.lo).toBeCloseTo(0.0524, 4);
  expect(difference.hi).toBeCloseTo(0.3339, 4);
});
