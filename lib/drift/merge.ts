import { mergeAttributions, mergeColumn } from '../measurements/counts.ts';
import { mergePerformance } from '../measurements/performance.ts';
import type { AttributionSums, ColumnCounts, PerformanceState, WindowCounts } from '../measurements/schema.ts';
import type { calendar } from '../measurements/windows.ts';

/** What some batches add to one window; the sum over batches is the window. */
export type Piece = {
  start: Date;
  end: Date;
  n: number;
  counts: Pick<WindowCounts, 'columns' | 'performance' | 'attributions'>;
};

type Sortable = { start: Date; n: number; counts: unknown };

const byStart = (a: Sortable, b: Sortable) => a.start.getTime() - b.start.getTime() || a.n - b.n;

/**
 * Pieces in the order of what they hold, not of when they came: sums of fractions round differently in another order, and a window must
 * be the same to the last bit however its batches arrived. Counts are written out once a piece, and only where start and rows tie.
 */
export function inContentOrder<P extends Sortable>(pieces: readonly P[]): P[] {
  const sorted = pieces.toSorted(byStart);
  const ordered: P[] = [];
  for (let from = 0; from < sorted.length; ) {
    let to = from + 1;
    while (to < sorted.length && byStart(sorted[from]!, sorted[to]!) === 0) to++;
    if (to === from + 1) ordered.push(sorted[from]!);
    else for (const piece of byText(sorted.slice(from, to))) ordered.push(piece);
    from = to;
  }
  return ordered;
}

function byText<P extends Sortable>(tied: readonly P[]): P[] {
  return tied
    .map((piece) => ({ piece, text: JSON.stringify(piece.counts) }))
    .sort((a, b) => (a.text === b.text ? 0 : a.text < b.text ? -1 : 1))
    .map(({ piece }) => piece);
}

/** Sums pieces of one reference: to the last bit the same, whatever order they come in. An empty list has no sum. */
export function mergePieces(pieces: readonly Piece[]): Piece | undefined {
  const [first, ...rest] = inContentOrder(pieces);
  if (!first) return undefined;
  return rest.reduce<Piece>(
    (sum, piece) => ({
      start: new Date(Math.min(Number(piece.start), Number(sum.start))),
      end: new Date(Math.max(Number(piece.end), Number(sum.end))),
      n: sum.n + piece.n,
      counts: {
        columns: mergeColumns(sum.counts.columns, piece.counts.columns),
        performance: mergeStates(sum.counts.performance, piece.counts.performance),
        ...mergedAttributions(sum.counts.attributions, piece.counts.attributions),
      },
    }),
    first,
  );
}

function mergeColumns(a: Record<string, ColumnCounts>, b: Record<string, ColumnCounts>): Record<string, ColumnCounts> {
  const merged = { ...a };
  for (const [name, counts] of Object.entries(b)) {
    const held = merged[name];
    merged[name] = held ? mergeColumn(held, counts) : counts;
  }
  return merged;
}

function mergeStates(a: PerformanceState | null, b: PerformanceState | null): PerformanceState | null {
  return a && b ? mergePerformance(a, b) : (a ?? b);
}

function mergedAttributions(a: AttributionSums | undefined, b: AttributionSums | undefined) {
  return a || b ? { attributions: mergeAttributions(a ?? {}, b ?? {}) } : {};
}

/** Groups pieces into calendar windows, ascending. */
export function groupPieces(pieces: readonly Piece[], windows: ReturnType<typeof calendar>): Piece[] {
  const groups = new Map<number, { end: number; pieces: Piece[] }>();
  for (const piece of pieces) {
    const { start, end } = windows.at(piece.start.getTime());
    const group = groups.get(start) ?? { end, pieces: [] };
    group.pieces.push(piece);
    groups.set(start, group);
  }
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([start, group]) => ({ ...mergePieces(group.pieces)!, start: new Date(start), end: new Date(group.end) }));
}
