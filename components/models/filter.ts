import type { BoardView, CatalogRow } from '../../lib/board/schema.ts';
import type { Filter, Selection } from '../board/selection.ts';

const TESTS = {
  all: () => true,
  needs_me: (row) => row.needsMe > 0,
  over_limit: (row) => row.health === 'over_limit',
  no_data: (row) => row.health === 'no_data' || row.stale,
} as const satisfies Record<Filter, (row: CatalogRow) => boolean>;

export const countIn = (rows: readonly CatalogRow[], filter: Filter): number => rows.filter(TESTS[filter]).length;

/** The rows as the list shows them; the order is the server's: trouble first. */
export function filtered(rows: readonly CatalogRow[], filter: Filter, query: string): CatalogRow[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const text = `${row.name} ${row.title ?? ''} ${row.domain ?? ''}`.toLowerCase();
    return TESTS[filter](row) && words.every((word) => text.includes(word));
  });
}

export function neighbour(board: BoardView, selection: Selection, current: string | null, by: number): string | null {
  const rows = filtered(board.models, selection.flt, selection.q);
  const at = rows.findIndex((row) => row.name === current);
  const next = at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by));
  return next === at ? null : (rows[next]?.name ?? null);
}
