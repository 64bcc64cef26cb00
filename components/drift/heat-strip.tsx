'use client';

import dynamic from 'next/dynamic';
import { type KeyboardEvent, useCallback, useMemo, useRef, useState } from 'react';
import { writeMoment } from '../../lib/board/rules/moment.ts';
import { columnsOf, inOrder, type Order, ROWS, worstByColumn } from '../../lib/drift/rules/strip.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { KeepSwitch } from '../board/keeper.tsx';
import { patiently } from '../board/patiently.ts';
import { DRIFT_WORDS, IMPORTANCE_WORDS } from '../board/states.tsx';
import { ChartFrame } from '../charts/frame.tsx';
import { focusMode } from '../kpis/order.ts';
import { Button } from '../ui/button.tsx';
import { HeatCursor, HeatMark, HeatRow, type HeatRowHeld } from './heat-row.tsx';

// What to send and how is asked for by those who have not sent it yet.
const MissingData = dynamic(() => patiently(() => import('./missing.tsx')).then((m) => m.MissingData));

const ORDER_WORDS = { importance: 'drift × importance', drift: 'drift alone' } as const satisfies Record<Order, string>;

export function HeatStrip() {
  const { panel, lens, selection, select, open } = usePanel();
  const words = useWords();
  const grid = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ row: 0, column: 0 });
  const { drift } = panel;
  const [order, setOrder] = useState<Order>('importance');
  const ranked = useMemo(() => inOrder(drift.features, order), [drift, order]);
  const heaviest = Math.max(0, ...drift.features.map(({ importance }) => importance ?? 0));
  const columns = useMemo(() => columnsOf(drift.windows), [drift]);
  const shown = useMemo(
    () =>
      ranked.slice(0, ROWS).map((feature): HeatRowHeld => ({ feature, cells: worstByColumn(feature.points, columns) })),
    [ranked, columns],
  );
  const perColumn = columns[0]?.windows ?? 1;
  const chosen = panel.distribution?.feature ?? selection.f;

  const focus = (row: number, column: number) => {
    const next = {
      row: Math.max(0, Math.min(shown.length - 1, row)),
      column: Math.max(0, Math.min(columns.length, column)),
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
      End: [row, columns.length],
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    focus(...move);
  };
  const held = { f: chosen, at: selection.at };
  const pick = useCallback(
    (name: string, row: number, column: number, end: string | null) => {
      setPlace({ row, column });
      const at = end && writeMoment(end);
      // The same cell once more lets go of its moment; a name only chooses the input.
      void select(at === null ? { f: name } : { f: name, at: held.f === name && held.at === at ? null : at });
    },
    [select, held.f, held.at],
  );

  return (
    <ChartFrame
      id="heat"
      title={words.term('drift')}
      hint={words.others('drift')}
      sentence={
        drift.summary.sentences[0] === panel.distribution?.sentence || focusMode(panel, lens, selection) === 'drift'
          ? 'Worst first. Choose an input to see how it moved.'
          : (drift.summary.sentences[0] ?? '')
      }
      columns={[
        'Input',
        'Importance',
        'Window starts',
        `Days in ${words.zone}`,
        'PSI',
        'Noise limit',
        'n',
        'State',
        'Alarm',
      ]}
      rows={() =>
        shown.flatMap(({ feature, cells }) =>
          cells.flatMap((p) =>
            p
              ? [
                  [
                    feature.name,
                    feature.importance,
                    p.start,
                    words.dated(p),
                    p.psi,
                    p.noiseLimit,
                    p.n,
                    DRIFT_WORDS[p.state],
                    p.alarm ? 'yes' : 'no',
                  ],
                ]
              : [],
          ),
        )
      }
      tools={
        <>
          {drift.state === 'ready' && (
            <Button kind="quiet" className="text-xs" onClick={() => open('segments')}>
              Segments
            </Button>
          )}
          <KeepSwitch />
        </>
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
            <HeatMark columns={columns} at={selection.at ? Date.parse(selection.at) : null} kind="pin" />
            <HeatCursor columns={columns} />
            {shown.map((held, row) => (
              <HeatRow
                key={held.feature.name}
                {...held}
                columns={columns}
                row={row}
                stop={place.row === row ? place.column : -1}
                chosen={held.feature.name === chosen}
                heaviest={heaviest}
                onPick={pick}
              />
            ))}
          </div>
          <div className="flex flex-wrap items-center gap-x-3 pt-1 text-xs text-muted">
            {ranked.length > ROWS && (
              <button type="button" className="min-h-6 text-live underline" onClick={() => open('drivers')}>
                Top {ROWS} of {ranked.length} inputs
              </button>
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
