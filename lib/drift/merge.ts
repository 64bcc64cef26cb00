import { mergeColumn } from '../measurements/counts.ts';
import { mergePerformance } from '../measurements/performance.ts';
import type { ColumnCounts, PerformanceState, WindowCounts } from '../measurements/schema.ts';
import type { calendar } from '../measurements/windows.ts';

/** What some batches add to one window; the sum over batches is the window. */
export type Piece = { start: Date; end: Date; n: number; counts: Pick<WindowCounts, 'columns' | 'performance'> };

/** Sums pieces of one reference, whatever their order: counts add exactly. An empty list has no sum. */
export function mergePieces(pieces: readonly Piece[]): Piece | undefined {
  const [first, ...rest] = pieces;
  if (!first) return undefined;
  return rest.reduce<Piece>(
    (sum, piece) => ({
      start: new Date(Math.min(Number(piece.start), Number(sum.start))),
      end: new Date(Math.max(Number(piece.end), Number(sum.end))),
      n: sum.n + piece.n,
      counts: {
        columns: mergeColumns(sum.counts.columns, piece.counts.columns),
        performance: mergeStates(sum.counts.performance, piece.counts.performance),
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
