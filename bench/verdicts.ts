import type { Baseline } from '../lib/drift/baseline.ts';
import { compareColumn } from '../lib/drift/compare.ts';
import { homogeneity } from '../lib/drift/contingency.ts';
import { ksP, ksStatistic } from '../lib/drift/empirical.ts';
import { evidentlyDefault, evidentlyPsi, type Sample } from '../lib/drift/evidently.ts';
import { fitCategorical, fitNumeric } from '../lib/drift/nannyml.ts';
import type { DriftResult } from '../lib/drift/schema.ts';
import { categoricalBins, numericBins, quantile } from '../lib/measurements/bins.ts';
import { FIRST_CODE, knownValues, NEW_CODE } from '../lib/measurements/plan.ts';
import type { ColumnBins, ColumnCounts, ProfiledColumn } from '../lib/measurements/schema.ts';
import { columnTally } from '../lib/measurements/tally.ts';

/** Values of one column: all numbers or all texts. */
export type Values = readonly (number | string)[];

/** A reference column as the upload would profile it. */
export function profileColumn(name: string, values: Values): ProfiledColumn {
  const numeric = typeof values[0] === 'number';
  const sorted = numeric ? Float64Array.from(values, Number).sort() : new Float64Array(0);
  const bins = numeric ? numericBins(sorted) : categoricalBins(countValues(values));
  return {
    name,
    role: 'feature',
    kind: numeric ? 'numeric' : 'categorical',
    bins,
    counts: countColumn(bins, values),
    median: numeric ? quantile(sorted, 0.5) : null,
  };
}

/** A window's column as the upload would count it. */
export function countColumn(bins: ColumnBins, values: Values): ColumnCounts {
  const tally = columnTally(bins);
  const rows = values.length;
  if (bins.kind === 'numeric') tally.add(Float64Array.from(values, Number), new Int32Array(rows), rows);
  else {
    const codes = new Map(knownValues(bins).map((value, i) => [value, i + FIRST_CODE]));
    tally.add(
      Int16Array.from(values, (value) => codes.get(String(value)) ?? NEW_CODE),
      new Int32Array(rows),
      rows,
    );
  }
  return tally.read(0);
}

/** Plumbline's own verdict on a column among so many. */
export function judge(
  name: string,
  reference: Values,
  current: Values,
  columns: number,
  baseline?: Baseline,
): DriftResult {
  const column = profileColumn(name, reference);
  return compareColumn(column, countColumn(column.bins, current), columns, baseline);
}

export const isDrift = ({ state }: DriftResult): boolean => state === 'changed' || state === 'changed_a_lot';

/** Other tools' rules on the same draws, recomputed here. */
export const PEERS: Record<string, (sample: Sample, columns: number) => boolean> = {
  'Evidently default': (sample) => evidentlyDefault(sample).drift,
  'PSI ≥ 0.1, Evidently bins': (sample) => evidentlyPsi(sample) >= 0.1,
  'KS/chi² p < 0.05': (sample) => pValue(sample) < 0.05,
  'same, Bonferroni': (sample, columns) => pValue(sample) < 0.05 / columns,
};

/** The Jensen-Shannon distance of NannyML, fitted on a reference. */
export function jensenShannonRule(reference: Values): (current: Values) => number {
  if (typeof reference[0] !== 'number') {
    const fitted = fitCategorical('jensen_shannon', reference.map(String));
    return (current) => fitted(current.map(String));
  }
  const sorted = (values: Values) => Float64Array.from(values, Number).sort();
  const fitted = fitNumeric('jensen_shannon', sorted(reference));
  return (current) => fitted(sorted(current));
}

export function sampleOf(reference: Values, current: Values): Sample {
  return typeof reference[0] === 'number'
    ? {
        kind: 'numeric',
        reference: Float64Array.from(reference, Number).sort(),
        current: Float64Array.from(current, Number).sort(),
      }
    : { kind: 'categorical', reference: reference.map(String), current: current.map(String) };
}

function pValue(sample: Sample): number {
  if (sample.kind === 'numeric') {
    const { statistic } = ksStatistic(sample.reference, sample.current);
    // The asymptotic form: the exact one agrees within 4% at these sizes and takes a thousand times as long.
    return ksP(statistic, sample.reference.length, sample.current.length, 'asymptotic').p;
  }
  const [before, now] = [countValues(sample.reference), countValues(sample.current)];
  const keys = [...new Set([...before.keys(), ...now.keys()])];
  return homogeneity(
    keys.map((key) => before.get(key) ?? 0),
    keys.map((key) => now.get(key) ?? 0),
  ).p;
}

function countValues(values: Iterable<number | string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  return counts;
}
