'use client';

import { type KeyboardEvent, useRef, useState } from 'react';
import {
  type Column,
  columnsOf,
  inOrder,
  isOver,
  type Order,
  ROWS,
  worstByColumn,
} from '../../lib/drift/rules/strip.ts';
import type { DriftFeature, DriftPoint } from '../../lib/drift/schema.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { number, percent } from '../board/format.ts';
import { DRIFT_WORDS, IMPORTANCE_WORDS } from '../board/states.tsx';
import { setCursor, useCursor } from '../charts/cursor.ts';
import { ChartFrame } from '../charts/frame.tsx';
import { Button } from '../ui/button.tsx';
import { MissingData } from './missing.tsx';

/** Steps of the ramp: the usual readings of the index, with one step below and one above them. */
const STEPS = [0.05, 0.1, 0.2, 0.4] as const;
const heat = (psi: number): number => STEPS.filter((step) => psi >= step).length;
const ORDER_WORDS = { importance: 'drift × importance', drift: 'drift alone' } as const satisfies Record<Order, string>;

const importanceWords = ({ importance }: DriftFeature): string =>
  importance === null ? '' : `importance ${percent(importance, 0)}`;

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

const template = (columns: number): string => `minmax(72px, 104px) repeat(${Math.max(1, columns)}, minmax(0, 1fr))`;

/** The moment that all charts point at, as the column it falls into: drawn by itself, so that no cell is drawn anew. */
function HeatCursor({ columns }: { columns: readonly Column[] }) {
  const at = useCursor();
  if (at === null) return null;
  // A window is known by its end.
  const column = columns.findIndex(({ start, end }) => Date.parse(start) < at && at <= Date.parse(end));
  if (column < 0) return null;
  return (
    <div
      aria-hidden
      data-heat-cursor={columns[column]?.end}
      className="pointer-events-none absolute inset-y-0 right-0.5 left-0 grid gap-px"
      style={{ gridTemplateColumns: template(columns.length) }}
    >
      <span className="border-x border-dashed border-ink" style={{ gridColumn: column + 2 }} />
    </div>
  );
}

export function HeatStrip() {
  const { panel, selection, select, open } = usePanel();
  const words = useWords();
  const grid = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ row: 0, column: 0 });
  const { drift } = panel;
  const [order, setOrder] = useState<Order>('importance');
  const ranked = inOrder(drift.features, order);
  const heaviest = Math.max(0, ...drift.features.map(({ importance }) => importance ?? 0));
  const windows = columnsOf(drift.windows);
  const shown = ranked.slice(0, ROWS).map((feature) => ({ feature, cells: worstByColumn(feature.points, windows) }));
  const perColumn = windows[0]?.windows ?? 1;
  const chosen = panel.distribution?.feature ?? selection.f;

  const describe = ({ feature, cells }: (typeof shown)[number], i: number): string => {
    const window = windows[i];
    const point = cells[i];
    const when = window
      ? `${words.day(window.start)}${window.windows > 1 ? ` and ${window.windows - 1} more, the worst` : ''}`
      : '';
    if (!point || point.psi === null)
      return `${feature.name}, ${when}, ${point?.state === 'too_few' ? DRIFT_WORDS.too_few : 'no data'}`;
    return `${feature.name}, ${when}, ${number(point.psi)}, ${DRIFT_WORDS[point.state]}${point.alarm ? ', alarm' : ''}`;
  };
  const focus = (row: number, column: number) => {
    const next = {
      row: Math.max(0, Math.min(shown.length - 1, row)),
      column: Math.max(0, Math.min(windows.length, column)),
    };
    setPlace(next);
    grid.current?.querySelector<HTMLElement>(`[data-cell="${next.row}-${next.column}"]`)?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    const { row, column } = place;
    const moves: Record<string, [number, number]> = {
      ArrowRight: [row, column + 1],
      ArrowLeft: [row, column - 1],
      ArrowDown: [row + 1, column],
      ArrowUp: [row - 1, column],
      Home: [row, 0],
      End: [row, windows.length],
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    focus(...move);
  };
  const stop = (row: number, column: number) => (place.row === row && place.column === column ? 0 : -1);
  const pick = (name: string, row: number, column: number) => {
    setPlace({ row, column });
    void select({ f: name });
  };

  return (
    <ChartFrame
      id="heat"
      title={words.term('drift')}
      hint={words.others('drift')}
      sentence={
        drift.summary.sentences[0] === panel.distribution?.sentence
          ? 'Worst first. Choose an input to see how it moved.'
          : (drift.summary.sentences[0] ?? '')
      }
      columns={['Input', 'Importance', 'Window starts', 'PSI', 'Noise limit', 'n', 'State', 'Alarm']}
      rows={shown.flatMap(({ feature, cells }) =>
        cells.flatMap((p) =>
          p
            ? [
                [
                  feature.name,
                  feature.importance,
                  p.start,
                  p.psi,
                  p.noiseLimit,
                  p.n,
                  DRIFT_WORDS[p.state],
                  p.alarm ? 'yes' : 'no',
                ],
              ]
            : [],
        ),
      )}
      tools={
        drift.state === 'ready' && (
          <Button kind="quiet" className="text-xs" onClick={() => open('segments')}>
            Segments
          </Button>
        )
      }
      className="part-drift min-h-44 flex-1"
    >
      {drift.state !== 'ready' ? (
        <MissingData state={drift.state} />
      ) : (
        <>
          {/* biome-ignore lint/a11y/useSemanticElements: a table cannot be walked with the arrow keys */}
          <div
            ref={grid}
            role="grid"
            tabIndex={-1}
            aria-label={`Inputs by ${words.term('window').toLowerCase()}`}
            aria-rowcount={shown.length}
            onKeyDown={onKey}
            className="relative mt-1 min-h-0 overflow-y-auto pr-0.5"
          >
            <HeatCursor columns={windows} />
            {shown.map((held, row) => {
              const { feature, cells } = held;
              return (
                // biome-ignore lint/a11y/useSemanticElements: see the grid
                // biome-ignore lint/a11y/useFocusableInteractive: its cells take the focus
                <div
                  key={feature.name}
                  role="row"
                  aria-selected={feature.name === chosen}
                  className="grid h-6 items-stretch gap-px"
                  style={{
                    gridTemplateColumns: template(windows.length),
                  }}
                >
                  {/* biome-ignore lint/a11y/useSemanticElements: see the grid */}
                  <div
                    role="rowheader"
                    data-cell={`${row}-0`}
                    tabIndex={stop(row, 0)}
                    onClick={() => pick(feature.name, row, 0)}
                    onKeyDown={(event) => event.key === 'Enter' && pick(feature.name, row, 0)}
                    title={[feature.sentence ?? feature.name, importanceWords(feature)].filter(Boolean).join(' ')}
                    className={`relative cursor-pointer truncate rounded-sm px-1 leading-6 hover:bg-raised ${feature.name === chosen ? 'bg-raised font-semibold' : ''}`}
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
                  {windows.map((window, i) => (
                    // biome-ignore lint/a11y/useSemanticElements: see the grid
                    <div
                      key={window.start}
                      role="gridcell"
                      data-cell={`${row}-${i + 1}`}
                      tabIndex={stop(row, i + 1)}
                      aria-label={describe(held, i)}
                      title={describe(held, i)}
                      onClick={() => pick(feature.name, row, i + 1)}
                      onKeyDown={(event) => event.key === 'Enter' && pick(feature.name, row, i + 1)}
                      onPointerEnter={() => setCursor(Date.parse(window.end))}
                      onPointerLeave={() => setCursor(null)}
                      className="flex min-h-6 cursor-pointer py-px"
                    >
                      <Cell point={cells[i]} />
                    </div>
                  ))}
                </div>
              );
            })}
          </div>
          <div className="flex flex-wrap items-center gap-x-3 pt-1 text-xs text-muted">
            {ranked.length > ROWS && (
              <span>
                Top {ROWS} of {ranked.length} inputs
              </span>
            )}
            {perColumn > 1 && <span>1 cell = {perColumn} windows (the worst)</span>}
            <span>
              <span aria-hidden>▫ </span>changed
            </span>
            <span>
              <span aria-hidden className="hatch mr-1 inline-block size-2.5 border border-control" />
              cannot tell
            </span>
            {drift.importanceSource && (
              <span title={drift.importanceMethod ?? ''}>
                <span aria-hidden className="mr-1 inline-block h-[3px] w-4 rounded-full bg-live align-middle" />
                importance, {IMPORTANCE_WORDS[drift.importanceSource]}
              </span>
            )}
            {drift.importanceSource && (
              <label className="flex items-center gap-1">
                order
                <select
                  value={order}
                  onChange={(event) => setOrder(event.target.value === 'drift' ? 'drift' : 'importance')}
                  className="min-h-6 rounded-md border border-control bg-panel text-ink"
                >
                  {Object.entries(ORDER_WORDS).map(([value, word]) => (
                    <option key={value} value={value}>
                      {word}
                    </option>
                  ))}
                </select>
              </label>
            )}
          </div>
        </>
      )}
    </ChartFrame>
  );
}
