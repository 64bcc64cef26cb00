'use client';

import { useDeferredValue, useMemo, useState } from 'react';
import { inOrder, type Sorting, type TableRow, turned } from './sorting.ts';

export type { TableRow } from './sorting.ts';

/** Rows that are in sight at once; a year of them would hold up the key that asked for the table. */
const FIRST_ROWS = 40;
const ARROWS = { ascending: ' ▲', descending: ' ▼' } as const;

type Props = { title: string; columns: string[]; rows: TableRow[] };

/** The numbers of a chart instead of the chart; a column's head puts them in its order. */
export function ChartTable({ title, columns, rows }: Props) {
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const ordered = useMemo(() => inOrder(rows, sorting), [rows, sorting]);
  const shown = useDeferredValue(ordered, ordered.slice(0, FIRST_ROWS));
  if (rows.length === 0) return <p className="py-1 text-muted">There are no numbers for this period yet.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard
    <section className="max-h-72 min-h-0 overflow-auto" tabIndex={0} aria-label={`${title}, table`}>
      <table className="w-full border-collapse text-xs">
        <caption className="sr-only">{title}</caption>
        <thead>
          <tr>
            {columns.map((column, i) => {
              const way = sorting?.column === i ? sorting.way : undefined;
              return (
                <th
                  key={column}
                  scope="col"
                  aria-sort={way}
                  className="sticky top-0 border-b border-line bg-panel px-0.5 text-left font-semibold"
                >
                  <button
                    type="button"
                    onClick={() => setSorting(turned(sorting, i))}
                    className="min-h-6 rounded-sm px-1 text-left hover:bg-raised"
                  >
                    {column}
                    <span aria-hidden>{way && ARROWS[way]}</span>
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.join('|')} className="border-b border-line">
              {row.map((value, i) =>
                i === 0 ? (
                  <th key={columns[i]} scope="row" className="px-1.5 py-1 text-left font-normal whitespace-nowrap">
                    {value}
                  </th>
                ) : (
                  <td key={columns[i]} className="px-1.5 py-1">
                    {value ?? '–'}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
