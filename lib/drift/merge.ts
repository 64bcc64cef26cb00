import { sumAttributions, sumColumns } from '../measurements/counts.ts';
import { sumPerformance } from '../measurements/performance.ts';
import type { ColumnCounts, WindowCounts } from '../measurements/schema.ts';
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
  return pieces.length > 0 ? sumPieces(inContentOrder(pieces)) : undefined;
}

/** Sums one or more pieces in the order given: whole numbers are the same in any order, fractions round by it. */
export function sumPieces(pieces: readonly Piece[]): Piece {
  const states = pieces.map(({ counts }) => counts.performance).filter((state) => state !== null);
  const attributions = pieces.map(({ counts }) => counts.attributions).filter((sums) => sums !== undefined);
  return {
    start: new Date(pieces.reduce((start, piece) => Math.min(start, piece.start.getTime()), Infinity)),
    end: new Date(pieces.reduce((end, piece) => Math.max(end, piece.end.getTime()), -Infinity)),
    n: pieces.reduce((n, piece) => n + piece.n, 0),
    counts: {
      columns: sumEachColumn(pieces.map(({ counts }) => counts.columns)),
      performance: states.length > 0 ? sumPerformance(states) : null,
      ...(attributions.length > 0 ? { attributions: sumAttributions(attributions) } : {}),
    },
  };
}

/** Each column over the rows of all parts; a part may lack some. */
function sumEachColumn(parts: readonly Record<string, ColumnCounts>[]): Record<string, ColumnCounts> {
  const byName = new Map<string, ColumnCounts[]>();
  for (const part of parts) {
    for (const [name, counts] of Object.entries(part)) {
      const held = byName.get(name);
      if (held) held.push(counts);
      else byName.set(name, [counts]);
    }
  }
  return Object.fromEntries([...byName].map(([name, held]) => [name, sumColumns(held)]));
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
