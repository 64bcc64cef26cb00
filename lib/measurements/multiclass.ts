import { deltaInterval } from './delta.ts';
import type { Interval } from './intervals.ts';

export type MacroMetric = 'macro_precision' | 'macro_recall' | 'macro_f1';

/**
 * A macro average with its 95% interval (delta method): the plain mean over classes of each class against the rest, so that a rare
 * class weighs as much as a common one; 0 for a class that is never predicted or never right (scikit-learn's convention). Classes that
 * appear neither as label nor as prediction are left out, as is the last one, "any other".
 * @param matrix row-major counts, label by prediction
 * @returns null when no class appears
 */
export function macroAverage(matrix: readonly number[], name: MacroMetric): ({ value: number } & Interval) | null {
  const size = Math.round(Math.sqrt(matrix.length));
  const classes = Array.from({ length: size - 1 }, (_, i) => i).filter((i) => margin(matrix, size, i).either > 0);
  if (classes.length === 0) return null;
  const figure = (cells: readonly number[]) =>
    classes.reduce((sum, i) => sum + ofClass(cells, size, i, name), 0) / classes.length;
  const n = matrix.reduce((sum, count) => sum + count, 0);
  const value = figure(matrix.map((count) => count / n));
  // The mean is as sure as its rarest class.
  const rarest = Math.min(...classes.map((i) => margin(matrix, size, i).either));
  return { value, ...deltaInterval(matrix, figure, [0, 1], rarest) };
}

function ofClass(cells: readonly number[], size: number, i: number, name: MacroMetric): number {
  const right = cells[i * size + i]!;
  const { labelled, predicted } = margin(cells, size, i);
  const of = { macro_precision: predicted, macro_recall: labelled, macro_f1: (labelled + predicted) / 2 }[name];
  return of <= 0 ? 0 : right / of;
}

function margin(cells: readonly number[], size: number, i: number) {
  let labelled = 0;
  let predicted = 0;
  for (let j = 0; j < size; j++) {
    labelled += cells[i * size + j]!;
    predicted += cells[j * size + i]!;
  }
  return { labelled, predicted, either: labelled + predicted - cells[i * size + i]! };
}
