import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectNear } from '../testing/golden.ts';
import { aucFromCounts } from './auc.ts';
import { averagePrecision } from './average-precision.ts';
import { fineBin, numericBins } from './bins.ts';
import { newcombe, wilson } from './intervals.ts';
import { metric, metrics, sumPerformance } from './performance.ts';
import type { BinaryState, PerformanceState, RowLosses, Task } from './schema.ts';
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
        const merged = sumPerformance(weeks.map(sumPerformance));
        const direct = stateOf(task, days.flat());
        // Squared scores are the only sums that are not whole numbers; their rounding depends on the order.
        const sums = (state: PerformanceState): RowLosses[] =>
          state.task === 'binary'
            ? [state.brier, state.logLoss!]
            : state.task === 'regression'
              ? [state.percentage!]
              : [];
        for (const [i, losses] of sums(merged).entries()) {
          const wanted = sums(direct)[i]!;
          expect(losses.n).toBe(wanted.n);
          expectNear(losses.sum!, wanted.sum!, 1e-10);
          expectNear(losses.sum2!, wanted.sum2!, 1e-10);
        }
        const counted = (state: PerformanceState) => ({
          ...state,
          brier: undefined,
          logLoss: undefined,
          percentage: undefined,
        });
        expect(counted(merged)).toEqual(counted(direct));
      }),
    );
  });

  it('refuses states of different tasks', () => {
    expect(() => sumPerformance([stateOf(binary, []), stateOf({ task: 'regression' }, [])])).toThrow(RangeError);
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

describe('intervals hold the truth about 95 times in 100', () => {
  /** Mulberry32: the same draws every run. */
  const random = (seed: number) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const RUNS = 400;
  const ROWS = 300;
  const SURE = 60_000;

  const drawBinary = (draw: () => number): Row => {
    const score = Math.round(5 + draw() * 90) / 100;
    const label = Number(draw() < 0.1 + 0.7 * score ** 2);
    return { score, label, prediction: Number(score >= 0.5) };
  };
  const drawClass = (draw: () => number): Row => {
    const label = Math.floor(draw() ** 1.5 * 3);
    return { score: -Infinity, label, prediction: draw() < 0.7 ? label : Math.floor(draw() * 3) };
  };
  const drawAmount = (draw: () => number): Row => {
    const label = 50 + 100 * draw();
    const noise = Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
    return { score: -Infinity, label, prediction: label + 1 + 5 * noise };
  };
  const classes: Task = { task: 'multiclass', classes: ['a', 'b', 'c'] };

  it.each([
    [binary, drawBinary],
    [classes, drawClass],
    [{ task: 'regression' } satisfies Task, drawAmount],
  ] as const)('%o', (task, drawRow) => {
    const draw = random(20);
    const sample = (rows: number) =>
      stateOf(
        task,
        Array.from({ length: rows }, () => drawRow(draw)),
      );
    const truth = new Map(metrics(sample(SURE)).map((answer) => [answer.metric, answer.value!]));
    const held = new Map<string, number>();
    for (let run = 0; run < RUNS; run++) {
      for (const { metric: name, lo, hi } of metrics(sample(ROWS))) {
        const inside = lo! <= truth.get(name)! && truth.get(name)! <= hi!;
        held.set(name, (held.get(name) ?? 0) + Number(inside));
      }
    }
    // 400 runs at 95% scatter by a point, and the truth is itself a sample: three points each way.
    for (const [name, count] of held) {
      expect(count / RUNS, name).toBeGreaterThan(0.91);
      expect(count / RUNS, name).toBeLessThanOrEqual(0.99);
    }
  });

  it('a perfect sample has an interval for every metric that has an end', () => {
    const rows = Array.from({ length: 100 }, (_, i) => ({ label: i % 2, prediction: i % 2, score: i % 2 ? 0.9 : 0.1 }));
    for (const name of ['f1', 'mcc', 'balanced_accuracy', 'average_precision', 'accuracy', 'roc_auc'] as const) {
      const { value, lo, hi } = metric(stateOf(binary, rows), name);
      expect([value, hi], name).toEqual([1, 1]);
      expect(lo, name).toBeLessThan(0.97);
    }
  });

  it('a class never predicted right weighs as much as the others', () => {
    const rows = Array.from({ length: 100 }, (_, i) => ({ label: i < 90 ? 0 : 1, prediction: 0, score: -Infinity }));
    const state = stateOf({ task: 'multiclass', classes: ['a', 'b'] }, rows);
    expect(metric(state, 'accuracy').value).toBe(0.9);
    expect(metric(state, 'macro_recall').value).toBeCloseTo(0.5, 12);
    expect(metric(state, 'macro_f1').value).toBeCloseTo(0.9 / 1.9, 12);
  });

  it('states from before a loss was counted add to newer ones', () => {
    const now = stateOf(binary, [{ label: 1, prediction: 1, score: 0.5 }]);
    const { logLoss: _, outputs: __, ...before } = now as BinaryState;
    const merged = sumPerformance([before, now]) as BinaryState;
    expect(merged.logLoss?.n).toBe(1);
    expect(merged.brier.n).toBe(2);
    expect(metric(sumPerformance([before, before]), 'log_loss').value).toBeNull();
  });
});

describe.skipIf(!misc || !specfun)('against scipy and scikit-learn', () => {
  it('AUC and average precision with ties', () => {
    const golden = misc!.auc_with_ties as {
      scores: number[];
      y?: number[];
      labels?: number[];
      auc?: number;
      roc_auc?: number;
      average_precision: number;
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
    expect(averagePrecision(counts[1]!, counts[0]!)!.value).toBeCloseTo(golden.average_precision, 12);
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
