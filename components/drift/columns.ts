import type { DriftFeature, DriftPoint, DriftView } from '../../lib/drift/schema.ts';

/** More columns than this are too narrow to see or hit. */
const COLUMNS = 32;

export type Column = { start: string; end: string; windows: number };
type Window = DriftView['windows'][number];

/** Neighbouring windows share a column when there are too many of them. */
export function columnsOf(windows: readonly Window[]): Column[] {
  const size = Math.max(1, Math.ceil(windows.length / COLUMNS));
  const columns: Column[] = [];
  for (let i = 0; i < windows.length; i += size) {
    const held = windows.slice(i, i + size);
    const [first, last] = [held[0], held.at(-1)];
    if (first && last) columns.push({ start: first.start, end: last.end, windows: held.length });
  }
  return columns;
}

const over = (point: DriftPoint): boolean =>
  point.alarm || point.state === 'changed' || point.state === 'changed_a_lot';

const judged = (point: DriftPoint): boolean => point.psi !== null && point.state !== 'too_few';

/** A column shows its worst window: an average would hide the one day that matters. */
export function worstIn(feature: DriftFeature, column: Column): DriftPoint | undefined {
  return feature.points
    .filter((point) => point.start >= column.start && point.start < column.end)
    .reduce<DriftPoint | undefined>((worst, point) => {
      if (!worst) return point;
      // A window that could be judged says more than one that could not, whatever its figure.
      if (judged(point) !== judged(worst)) return judged(point) ? point : worst;
      if (over(point) !== over(worst)) return over(point) ? point : worst;
      return (point.psi ?? -1) > (worst.psi ?? -1) ? point : worst;
    }, undefined);
}

export const isOver = over;
