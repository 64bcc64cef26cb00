'use client';

import { type ReactNode, useDeferredValue, useId, useRef } from 'react';
import { useSource } from '../board/source.ts';
import { Button } from '../ui/button.tsx';
import { chartPng } from './png.ts';
import { ChartTable, type TableRow } from './table.tsx';
import { useAsTable } from './tables.ts';

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

/** A cell that begins like a formula would be run by a spreadsheet; a leading quote keeps it text. */
const cell = (value: string | number | null): string => {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

const made = (rows: Props['rows']): TableRow[] => (typeof rows === 'function' ? rows() : rows);

function csv(columns: string[], rows: TableRow[]): Blob {
  const text = [columns, ...rows].map((row) => row.map(cell).join(',')).join('\n');
  return new Blob([`${text}\n`], { type: 'text/csv' });
}

/** What every chart owes its reader: a name, a sentence, the same numbers as a table and as a file. */
export function ChartFrame({ id, title, hint, sentence, columns, rows, tools, className = '', children }: Props) {
  const [asTable, setAsTable] = useAsTable(id);
  // The button answers at once; what it asked for is drawn with the next frame.
  const tabled = useDeferredValue(asTable);
  const caption = useId();
  const about = useId();
  const figure = useRef<HTMLElement>(null);
  const source = useSource();
  const picture = async () => {
    if (figure.current) download(`${id}.png`, await chartPng(figure.current, source()));
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
            onClick={() => download(`${id}.csv`, csv(columns, made(rows)))}
            className="px-1! text-xs"
            aria-label={`Download ${title} as CSV`}
          >
            CSV
          </Button>
          <Button
            kind="quiet"
            onClick={() => void picture()}
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
