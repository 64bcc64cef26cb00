'use client';

import dynamic from 'next/dynamic';
import { type ReactNode, useContext, useDeferredValue, useId, useRef } from 'react';
import { BoardContext } from '../board/context.tsx';
import { patiently } from '../board/patiently.ts';
import { Button } from '../ui/button.tsx';
import type { TableRow } from './sorting.ts';
import { useAsTable } from './tables.ts';

// Most charts are only looked at: what reads and keeps their numbers comes when somebody asks for them.
const ChartTable = dynamic(() => patiently(() => import('./table.tsx')).then((m) => m.ChartTable), {
  ssr: false,
  loading: () => <div className="min-h-24" />,
});

type Props = {
  id: string;
  title: string;
  hint?: string;
  sentence: string;
  columns: string[];
  /** Made when a table or a file is asked for: most charts are only looked at. */
  rows: TableRow[] | (() => TableRow[]);
  /** More than the standard controls, such as a select for the metric. */
  tools?: ReactNode;
  className?: string;
  children: ReactNode;
};

const made = (rows: Props['rows']): TableRow[] => (typeof rows === 'function' ? rows() : rows);

/** What every chart owes its reader: a name, a sentence, the same numbers as a table and as a file. */
export function ChartFrame({ id, title, hint, sentence, columns, rows, tools, className = '', children }: Props) {
  const [asTable, setAsTable] = useAsTable(id);
  // The button answers at once; what it asked for is drawn with the next frame.
  const tabled = useDeferredValue(asTable);
  const caption = useId();
  const about = useId();
  const figure = useRef<HTMLElement>(null);
  const board = useContext(BoardContext);
  const keep = async (as: 'csv' | 'png') => {
    const { keepCsv, keepPng } = await patiently(() => import('./export.ts'));
    if (as === 'csv') keepCsv(id, columns, made(rows));
    else if (figure.current) await keepPng(id, figure.current, board);
  };
  return (
    <figure
      ref={figure}
      data-chart={id}
      aria-labelledby={caption}
      aria-describedby={sentence ? about : undefined}
      onKeyDown={(event) => {
        if (event.key !== 'v' || event.target instanceof HTMLSelectElement || event.metaKey || event.ctrlKey) return;
        event.preventDefault();
        setAsTable(!asTable);
      }}
      className={`flex min-h-0 min-w-0 flex-col rounded-lg border border-line bg-panel px-3 py-2 ${className}`}
    >
      <div className="flex flex-wrap items-start justify-between gap-x-2">
        <figcaption id={caption} title={hint} className="min-w-32 flex-1 font-semibold">
          {title}
        </figcaption>
        <div className="flex flex-wrap items-center gap-1">
          {tools}
          <Button
            kind="quiet"
            data-toggle-table
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
            className="px-1! text-xs"
            title="V"
          >
            Table
          </Button>
          <Button
            kind="quiet"
            onClick={() => void keep('csv')}
            className="px-1! text-xs"
            aria-label={`Download ${title} as CSV`}
          >
            CSV
          </Button>
          <Button
            kind="quiet"
            onClick={() => void keep('png')}
            className="px-1! text-xs"
            aria-label={`Download ${title} as PNG`}
          >
            PNG
          </Button>
        </div>
      </div>
      {sentence && (
        <p id={about} className="text-xs text-muted">
          {sentence}
        </p>
      )}
      {tabled ? <ChartTable title={title} columns={columns} rows={made(rows)} /> : children}
    </figure>
  );
}
