import { describe, expect, it } from 'vitest';
import { chunkThresholds } from '../drift/nannyml.ts';
import { chunked, expectNear, goldenFile, hasGolden, publishedColumns } from '../testing/golden.ts';
import { numericBins } from './bins.ts';
import {
  confidenceBand,
  ESTIMATED_METRICS,
  estimatePerformance,
  expectedMetrics,
  type ScoredGroups,
  samplingErrors,
} from './cbpe.ts';
import { packCounts } from './counts.ts';
import { calibrate, fitIsotonic } from './isotonic.ts';
import { metric } from './performance.ts';
import type { BinaryState, MetricName, Task } from './schema.ts';
import { performanceTally } from './tally.ts';

type Estimate = {
  value: number;
  sampling_error: number;
  realized: number | null;
  upper_confidence_boundary: number;
  lower_confidence_boundary: number;
  upper_threshold: number;
  lower_threshold: number;
  alert: boolean;
};
type Row = { chunk: { period: string } } & Record<(typeof ESTIMATED_METRICS)[number], Estimate>;
type Rows = { score: number; predicted: number; label: number }[];

const LABEL = { car_loan: 'repaid', hotel_booking: 'is_canceled' } as const;

async function rowsOf(name: keyof typeof LABEL, part: 'reference' | 'monitoring'): Promise<Rows> {
  const columns = await publishedColumns(name, part, ['y_pred_proba', 'y_pred', LABEL[name]]);
  return columns.y_pred_proba!.map((score, i) => ({
    score: Number(score),
    predicted: Number(columns.y_pred![i]),
    label: Number(columns[LABEL[name]]![i]),
  }));
}

const IN_SCIKIT_LEARN: [string, MetricName][] = [
  ['roc_auc', 'roc_auc'],
  ['accuracy', 'accuracy'],
  ['precision', 'precision'],
  ['recall', 'recall'],
  ['f1', 'f1'],
  ['average_precision', 'average_precision'],
  ['log_loss_clip1e-15', 'log_loss'],
  ['brier', 'brier'],
  ['mcc', 'mcc'],
  ['balanced_accuracy', 'balanced_accuracy'],
];

/** Rows on one bin a distinct score, as exact as rows themselves. */
function stateOf(rows: Rows): BinaryState {
  const edges = [...new Set(rows.map((row) => row.score))].sort((a, b) => a - b);
  const tally = performanceTally(
    { task: 'binary', positive: '1', threshold: 0.5 },
    { kind: 'numeric', edges, scoring: [0] },
  );
  const column = (key: keyof Rows[number]) => rows.map((row) => row[key]);
  const vectors = { label: column('label'), prediction: column('predicted'), score: column('score') };
  tally.add(vectors, new Int32Array(rows.length), rows.length);
  return tally.read(0, rows.length) as BinaryState;
}

describe.skipIf(!hasGolden)('against NannyML', () => {
  it.each(['car_loan', 'hotel_booking'] as const)(
    '%s: calibrator, estimates, errors, bands, thresholds, alerts',
    async (name) => {
      const golden = goldenFile<{
        chunk_size: number;
        calibrator: { x_thresholds: number[]; y_thresholds: number[] };
        rows: Row[];
      }>(`nannyml/${name}_cbpe.json`);
      const reference = await rowsOf(name, 'reference');
      const given = { x: golden.calibrator.x_thresholds, y: golden.calibrator.y_thresholds };
      const fitted = fitIsotonic(
        reference.map((row) => row.score),
        reference.map((row) => row.label),
      );
      expect(fitted.x).toEqual(given.x);
      for (const [i, y] of given.y.entries()) expect(fitted.y[i]).toBeCloseTo(y, 12);

      const chunks = [
        ...chunked(reference, golden.chunk_size),
        ...chunked(await rowsOf(name, 'monitoring'), golden.chunk_size),
      ];
      expect(chunks).toHaveLength(golden.rows.length);
      const whole = stateOf(reference);
      const realized = chunks.map((rows) => stateOf(rows));
      for (const key of ESTIMATED_METRICS) {
        const ofReference = realized.filter((_, i) => golden.rows[i]!.chunk.period === 'reference');
        const thresholds = chunkThresholds(
          ofReference.map((state) => metric(state, key).value!),
          { lower: 0, upper: 1 },
        );
        for (const [i, rows] of chunks.entries()) {
          const wanted = golden.rows[i]![key];
          const estimate = expectedMetrics(groupsOf(rows, given))[key]!;
          expect(Math.abs(estimate - wanted.value), `${key} of chunk ${i}`).toBeLessThan(1e-6);
          // The tool knows labels of the reference only while it estimates.
          if (wanted.realized !== null)
            expect(Math.abs(metric(realized[i]!, key).value! - wanted.realized)).toBeLessThan(1e-6);
          const error = samplingErrors(whole, rows.length)[key]!;
          expectNear(error, wanted.sampling_error, key === 'roc_auc' ? 0.01 : 1e-6, `error of ${key}`);
          const band = confidenceBand(wanted.value, wanted.sampling_error);
          expect(Math.abs(band.hi - wanted.upper_confidence_boundary)).toBeLessThan(1e-6);
          expect(Math.abs(band.lo - wanted.lower_confidence_boundary)).toBeLessThan(1e-6);
          expect(Math.abs(thresholds.upper - wanted.upper_threshold)).toBeLessThan(1e-6);
          expect(Math.abs(thresholds.lower - wanted.lower_threshold)).toBeLessThan(1e-6);
          expect(estimate > thresholds.upper || estimate < thresholds.lower).toBe(wanted.alert);
        }
      }
    },
  );

  it.each(['car_loan', 'hotel_booking'] as const)('%s: realized metrics of every chunk', async (name) => {
    const golden = goldenFile<{ chunk_size: number; rows: Row[]; sklearn_by_chunk: Record<string, number>[] }>(
      `nannyml/${name}_realized.json`,
    );
    const chunks = [
      ...chunked(await rowsOf(name, 'reference'), golden.chunk_size),
      ...chunked(await rowsOf(name, 'monitoring'), golden.chunk_size),
    ];
    for (const [i, rows] of chunks.entries()) {
      const state = stateOf(rows);
      for (const key of ESTIMATED_METRICS) {
        expect(Math.abs(metric(state, key).value! - golden.rows[i]![key].value), `${key} of ${i}`).toBeLessThan(1e-6);
      }
      for (const [key, name] of IN_SCIKIT_LEARN) {
        expectNear(metric(state, name).value!, golden.sklearn_by_chunk[i]![key]!, 1e-9, `${key} of ${i}`);
      }
    }
  });

  it('isotonic regression with ties and weights', () => {
    type Golden = { x: number[]; y: number[]; weights: number[]; probe: number[]; predict: number[] } & {
      x_thresholds: number[];
      y_thresholds: number[];
      weighted_predict: number[];
    };
    const golden = goldenFile<{ isotonic: Golden }>('misc.json').isotonic;
    const plain = fitIsotonic(golden.x, golden.y);
    expect(plain.x).toEqual(golden.x_thresholds);
    const weighted = fitIsotonic(golden.x, golden.y, golden.weights);
    for (const [i, probe] of golden.probe.entries()) {
      expect(calibrate(plain, probe)).toBeCloseTo(golden.predict[i]!, 12);
      expect(calibrate(weighted, probe)).toBeCloseTo(golden.weighted_predict[i]!, 12);
    }
  });
});

describe('estimates from stored counts', () => {
  const task: Task = { task: 'binary', positive: '1', threshold: 0.5 };
  const bins = numericBins(Float64Array.from({ length: 101 }, (_, i) => i / 100));
  /** Scores 0.00 to 1.00 in turn; one row in a hundred of each score s is positive, a hundred times s. */
  const state = (rows: number, labelled: boolean): BinaryState => {
    const score = Array.from({ length: rows }, (_, i) => (i % 101) / 100);
    const label = score.map((value, i) => (labelled ? Number((Math.floor(i / 101) % 100) / 100 < value) : -1));
    const tally = performanceTally(task, bins);
    tally.add({ label, prediction: score.map(() => -1), score }, new Int32Array(rows), rows);
    return tally.read(0, rows) as BinaryState;
  };
  const reference = state(101 * 100, true);

  it('a window like the reference is estimated at what the reference realized', () => {
    const estimates = estimatePerformance(reference, state(101 * 10, false));
    for (const { metric: name, value, lo, hi } of estimates) {
      const realized = metric(reference, name).value!;
      expect(value).toBeCloseTo(realized, 6);
      expect(lo).toBeLessThan(realized);
      expect(hi).toBeGreaterThan(realized);
    }
    expect(estimates.map((estimate) => estimate.metric)).toEqual([...ESTIMATED_METRICS]);
  });

  it('a reference with nine positives, and a window without scores, give no estimate', () => {
    const poor = {
      ...reference,
      scores: { positive: packCounts([9, ...new Array(101).fill(0)]), negative: reference.scores!.negative },
    };
    expect(estimatePerformance(poor, state(500, false))).toEqual([]);
    expect(estimatePerformance(reference, state(0, false))).toEqual([]);
  });
});

function groupsOf(rows: Rows, curve: { x: number[]; y: number[] }): ScoredGroups {
  const byScore = Map.groupBy(
    [...rows].sort((a, b) => a.score - b.score),
    (row) => row.score,
  );
  const groups = [...byScore.values()];
  const said = (predicted: number) => groups.map((group) => group.filter((row) => row.predicted === predicted).length);
  return {
    probability: [...byScore.keys()].map((score) => calibrate(curve, score)),
    positive: said(1),
    negative: said(0),
  };
}
