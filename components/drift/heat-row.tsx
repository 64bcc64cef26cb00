'use client';

import { memo } from 'react';
import { type Column, isOver } from '../../lib/drift/rules/strip.ts';
import type { DriftFeature, DriftPoint } from '../../lib/drift/schema.ts';
import { useWords } from '../board/context.tsx';
import { percent } from '../board/format.ts';
import { DRIFT_WORDS } from '../board/states.tsx';
import { setCursor, useCursor } from '../charts/cursor.ts';
import { psiTexts } from './psi-texts.ts';

/** Steps of the ramp: the usual readings of the index, with one step below and one above them. */
const STEPS = [0.05, 0.1, 0.2, 0.4] as const;
const heat = (psi: number): number => STEPS.filter((step) => psi >= step).length;

const template = (columns: number): string => `minmax(72px, 104px) repeat(${Math.max(1, columns)}, minmax(0, 1fr))`;

const importanceWords = ({ importance }: DriftFeature): string =>
  importance === null ? '' : `importance ${percent(importance, 0)}`;

export type HeatRowHeld = { feature: DriftFeature; cells: readonly (DriftPoint | undefined)[] };
type Props = HeatRowHeld & {
  columns: readonly Column[];
  row: number;
  /** The cell of this row that Tab reaches, of the name (0) and the windows (from 1); -1 where it is in another row. */
  stop: number;
  chosen: boolean;
  /** The largest importance of all inputs, against which the bar is drawn. */
  heaviest: number;
  /** `at`: the end of the window that the cell shows, none for the name of the row. */
  onPick: (name: string, row: number, column: number, at: string | null) => void;
};

/** One input: its name with its importance, and a cell for each column of windows. */
export const HeatRow = memo(function HeatRow({ feature, cells, columns, row, stop, chosen, heaviest, onPick }: Props) {
  const words = useWords();
  const describe = (column: Column, point: DriftPoint | undefined): string => {
    const more = column.windows > 1 ? ` and ${column.windows - 1} more, the worst` : '';
    const when = point && !more ? words.stretch(point) : `${words.day(column.start)}${more}`;
    if (!point || point.psi === null)
      return `${feature.name}, ${when}, ${point?.state === 'too_few' ? DRIFT_WORDS.too_few : 'no data'}`;
    const [psi] = psiTexts(point);
    return `${feature.name}, ${when}, ${psi}, ${DRIFT_WORDS[point.state]}${point.alarm ? ', alarm' : ''}`;
  };
  const pick = (column: number, at: string | null = null) => ({
    'data-cell': `${row}-${column}`,
    onClick: () => onPick(feature.name, row, column, at),
    onKeyDown: (event: { key: string }) => event.key === 'Enter' && onPick(feature.name, row, column, at),
  });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a table cannot be walked with the arrow keys
    // biome-ignore lint/a11y/useFocusableInteractive: its cells take the focus
    <div
      role="row"
      aria-selected={chosen}
      className="grid h-6 items-stretch gap-px"
      style={{ gridTemplateColumns: template(columns.length) }}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: see the row */}
      <div
        role="rowheader"
        tabIndex={stop === 0 ? 0 : -1}
        {...pick(0)}
        title={[feature.sentence ?? feature.name, importanceWords(feature)].filter(Boolean).join(' ')}
        className={`relative cursor-pointer truncate rounded-sm px-1 leading-6 hover:bg-raised ${chosen ? 'bg-raised font-semibold' : ''}`}
      >
        {feature.name}
        {feature.importance !== null && (
          <>
            <span className="sr-only">, {importanceWords(feature)}</span>
            <span
              aria-hidden
              className="absolute bottom-0 left-1 h-[3px] rounded-full bg-live"
              style={{ width: `calc(${heaviest ? (feature.importance / heaviest) * 100 : 0}% - 8px)` }}
            />
          </>
        )}
      </div>
      {columns.map((column, i) => {
        const said = describe(column, cells[i]);
        return (
          // biome-ignore lint/a11y/useSemanticElements: see the row
          <div
            key={column.start}
            role="gridcell"
            tabIndex={stop === i + 1 ? 0 : -1}
            {...pick(i + 1, cells[i]?.end ?? column.end)}
            aria-label={said}
            title={said}
            onPointerEnter={() => setCursor(Date.parse(column.end))}
            onPointerLeave={() => setCursor(null)}
            className="flex min-h-6 cursor-pointer py-px"
          >
            <Cell point={cells[i]} />
          </div>
        );
      })}
    </div>
  );
});

function Cell({ point }: { point: DriftPoint | undefined }) {
  if (!point || point.psi === null || point.state === 'too_few')
    return <span aria-hidden className="hatch size-full rounded-[2px]" />;
  return (
    <span
      aria-hidden
      className="flex size-full items-center justify-center rounded-[2px]"
      style={{ background: `var(--heat-${heat(point.psi)})` }}
    >
      {isOver(point) && <span className="size-1.5 border border-ink bg-panel" />}
    </span>
  );
}

/** The moment that all charts point at: drawn by itself, so that no cell is drawn anew. */
export function HeatCursor({ columns }: { columns: readonly Column[] }) {
  const at = useCursor();
  return <HeatMark columns={columns} at={at} kind="cursor" />;
}

const MARKS = { cursor: 'border-x border-dashed border-ink', pin: 'border-x-2 border-ink' } as const;

/** A moment as the column it falls into. */
export function HeatMark({
  columns,
  at,
  kind,
}: {
  columns: readonly Column[];
  at: number | null;
  kind: keyof typeof MARKS;
}) {
  if (at === null) return null;
  // A window is known by its end.
  const column = columns.findIndex(({ start, end }) => Date.parse(start) < at && at <= Date.parse(end));
  if (column < 0) return null;
  return (
    <div
      aria-hidden
      {...{ [`data-heat-${kind}`]: columns[column]?.end }}
      className="pointer-events-none absolute inset-y-0 right-0.5 left-0 grid gap-px"
      style={{ gridTemplateColumns: template(columns.length) }}
    >
      <span className={MARKS[kind]} style={{ gridColumn: column + 2 }} />
    </div>
  );
}
