export type TableRow = (string | number | null)[];
export type Sorting = { column: number; way: 'ascending' | 'descending' };

/** One press sorts upwards, the next downwards, the third leaves the order of the chart. */
export function turned(held: Sorting | null, column: number): Sorting | null {
  if (held?.column !== column) return { column, way: 'ascending' };
  return held.way === 'ascending' ? { column, way: 'descending' } : null;
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

/** Rows in the order of a column; what is missing comes last either way, since it is neither small nor large. */
export function inOrder(rows: TableRow[], sorting: Sorting | null): TableRow[] {
  if (!sorting) return rows;
  const sign = sorting.way === 'ascending' ? 1 : -1;
  return [...rows].sort((one, other) => {
    const [a = null, b = null] = [one[sorting.column], other[sorting.column]];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return sign * compare(a, b);
  });
}
