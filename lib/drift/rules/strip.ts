import type { DriftFeature, DriftPoint, DriftView } from '../schema.ts';

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

export const isOver = (point: DriftPoint): boolean =>
  point.alarm || point.state === 'changed' || point.state === 'changed_a_lot';

const judged = (point: DriftPoint): boolean => point.psi !== null && point.state !== 'too_few';

function worse(held: DriftPoint | undefined, point: DriftPoint): DriftPoint {
  if (!held) return point;
  // A window that could be judged says more than one that could not, whatever its figure.
  if (judged(point) !== judged(held)) return judged(point) ? point : held;
  if (isOver(point) !== isOver(held)) return isOver(point) ? point : held;
  return (point.psi ?? -1) > (held.psi ?? -1) ? point : held;
}

/**
 * Of each column the worst window: an average would hide the one day that matters.
 * @param points ascending by start, as are the columns
 */
export function worstByColumn(points: readonly DriftPoint[], columns: readonly Column[]): (DriftPoint | undefined)[] {
  const worst: (DriftPoint | undefined)[] = columns.map(() => undefined);
  let i = 0;
  for (const point of points) {
    while (i < columns.length - 1 && point.start >= columns[i]!.end) i += 1;
    const column = columns[i];
    if (column && point.start >= column.start && point.start < column.end) worst[i] = worse(worst[i], point);
  }
  return worst;
}

export const ROWS = 12;
export const ORDERS = ['importance', 'drift'] as const;
export type Order = (typeof ORDERS)[number];

const moved = ({ latest, points }: DriftFeature): number =>
  latest?.psi ?? Math.max(-1, ...points.map((point) => point.psi ?? -1));

/** What to look at first: by drift times importance where that is known, else by drift alone. */
export function inOrder(features: readonly DriftFeature[], order: Order): DriftFeature[] {
  return features
    .map((feature) => ({ feature, moved: moved(feature), priority: feature.priority ?? 0 }))
    .sort((a, b) => (order === 'importance' ? b.priority - a.priority : 0) || b.moved - a.moved)
    .map(({ feature }) => feature);
}

/**
 * The view as a screen draws it: every window of one input; of those a strip may show the worst window of each column; of the
 * others none. A year of fifty inputs is four megabytes in full, of which the screen shows a twentieth. Terms are left out too:
 * the distribution brings its own.
 */
export function thinned(view: DriftView, whole: string | null): DriftView {
  const columns = columnsOf(view.windows);
  const shown = new Set(ORDERS.flatMap((order) => inOrder(view.features, order).slice(0, ROWS)));
  const points = (feature: DriftFeature): DriftPoint[] => {
    if (feature.name === whole) return feature.points;
    return shown.has(feature) ? worstByColumn(feature.points, columns).filter((point) => point !== undefined) : [];
  };
  const features = view.features.map((feature) => ({
    ...feature,
    points: points(feature),
    latest: feature.latest && { ...feature.latest, contributions: [] },
  }));
  return { ...view, features };
}
