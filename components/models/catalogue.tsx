'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ListFilter, PanelLeft, Plus } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { boardQuery } from '../../lib/board/client.ts';
import { useBoard, useWords } from '../board/context.tsx';
import { boardSelection, FILTERS, type Filter, ofModel } from '../board/selection.ts';
import { useOrigin } from '../measurements/origin.ts';
import { mlflowSnippet } from '../measurements/snippets.ts';
import { Button } from '../ui/button.tsx';
import { Snippet } from '../ui/snippet.tsx';
import { CatalogueRow, ROW_PX } from './catalogue-row.tsx';
import { Facets } from './facets.tsx';
import { countIn, useCatalogueRows } from './rows.ts';
import { SavedViews } from './saved-views.tsx';

const FILTER_WORDS = {
  all: 'All',
  needs_me: 'Needs me',
  over_limit: 'Over limit',
  no_data: 'No data',
} as const satisfies Record<Filter, string>;
/** Below this every row is in the page, so that the browser's own search finds it. */
const VIRTUAL_FROM = 200;
const PREFETCH_MS = 80;

/** Acts on the model whose row an event came from. */
function onRow(target: EventTarget, act: (name: string) => void): void {
  const name = target instanceof Element && target.closest<HTMLElement>('[data-row]')?.dataset.row;
  if (name) act(name);
}

type Props = { current: string | null; toggle: () => void; opened: boolean; onPick: () => void };

export function Catalogue({ current, toggle, opened, onPick }: Props) {
  const { board, selection, select, open } = useBoard();
  const words = useWords();
  const queries = useQueryClient();
  const origin = useOrigin();
  const scroller = useRef<HTMLDivElement>(null);
  const hover = useRef<ReturnType<typeof setTimeout>>(undefined);
  const { found, rows } = useCatalogueRows(board, selection);
  const narrowed = Boolean(selection.tier || selection.domain || selection.use || selection.owner || selection.sort);
  const [facets, setFacets] = useState(narrowed);
  const virtual = rows.length > VIRTUAL_FROM;
  const virtualizer = useVirtualizer({
    count: virtual ? rows.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    initialRect: { width: 304, height: 780 },
  });
  const at = rows.findIndex((row) => row.name === current);

  useEffect(() => {
    if (at < 0) return;
    if (virtual) virtualizer.scrollToIndex(at);
    else {
      // With the frame that draws it: measured any earlier, the whole page would be laid out twice.
      const frame = requestAnimationFrame(() =>
        scroller.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest' }),
      );
      return () => cancelAnimationFrame(frame);
    }
  }, [at, virtual, virtualizer]);

  const choose = (name: string) => {
    void select(ofModel(name));
    onPick();
  };
  const prefetch = (name: string) => {
    clearTimeout(hover.current);
    hover.current = setTimeout(
      () => void queries.prefetchQuery(boardQuery(boardSelection({ ...selection, ...ofModel(name) }))),
      PREFETCH_MS,
    );
  };
  const onKey = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
    if (!next) return;
    event.preventDefault();
    void select(ofModel(next.name));
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(next.name)}"]`)?.focus(),
    );
  };
  const row = (i: number, top?: number) => {
    const held = rows[i];
    if (!held) return null;
    return (
      <CatalogueRow
        key={held.name}
        row={held}
        selected={held.name === current}
        tabStop={held.name === current || (at < 0 && i === 0)}
        {...(top === undefined ? {} : { top })}
        silent={held.stale && held.lastDataAt ? words.ago(held.lastDataAt) : ''}
      />
    );
  };

  return (
    <nav
      aria-label="Models"
      data-region
      tabIndex={-1}
      className="region-catalogue flex min-h-0 flex-col border-r border-line bg-panel"
    >
      <Button
        kind="quiet"
        square
        className="only-strip m-2"
        aria-label={opened ? 'Close the list of models' : 'Open the list of models'}
        aria-expanded={opened}
        onClick={toggle}
        title="["
      >
        <PanelLeft aria-hidden size={16} />
      </Button>
      <div className="not-strip flex flex-col gap-1.5 border-b border-line p-2">
        <div className="flex gap-1.5">
          <input
            id="catalogue-search"
            type="search"
            aria-label="Search models"
            placeholder="Search models"
            value={selection.q}
            onChange={(event) => void select({ q: event.target.value || null })}
            className="tap min-h-7 min-w-0 flex-1 rounded-md border border-control bg-panel px-2 placeholder:text-muted"
          />
          <Button
            aria-label="Filter and sort"
            title="Filter and sort"
            aria-expanded={facets}
            square
            onClick={() => setFacets(!facets)}
          >
            <ListFilter aria-hidden size={16} className={narrowed ? 'text-live' : undefined} />
          </Button>
          <Button
            able={board.can.registerModel}
            aria-label="Register a model"
            title="Register a model"
            square
            onClick={() => open('register')}
          >
            <Plus aria-hidden size={16} />
          </Button>
        </div>
        <fieldset aria-label="Show" className="flex flex-wrap gap-1">
          {FILTERS.map((filter) => (
            <button
              key={filter}
              type="button"
              aria-pressed={selection.flt === filter}
              onClick={() => void select({ flt: filter })}
              className="min-h-6 rounded-md border border-control px-1.5 text-xs hover:bg-raised aria-pressed:border-ink aria-pressed:bg-ink aria-pressed:text-panel"
            >
              {FILTER_WORDS[filter]} {countIn(board.models, filter)}
            </button>
          ))}
        </fieldset>
        {facets && <Facets found={found} />}
        {facets && <SavedViews />}
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys move between the buttons inside */}
      <div
        ref={scroller}
        onKeyDown={onKey}
        onClick={(event) => onRow(event.target, choose)}
        onPointerOver={(event) => onRow(event.target, prefetch)}
        className="min-h-0 flex-1 overflow-y-auto"
      >
        {rows.length > 0 ? (
          <ul className="relative" style={virtual ? { height: virtualizer.getTotalSize() } : undefined}>
            {virtual
              ? virtualizer.getVirtualItems().map((item) => row(item.index, item.start))
              : rows.map((_, i) => row(i))}
          </ul>
        ) : board.models.length > 0 ? (
          <div className="not-strip flex flex-col items-start gap-2 p-3 text-muted">
            No model fits this filter and search.
            <Button
              onClick={() =>
                void select({ flt: 'all', q: null, tier: null, domain: null, use: null, owner: null, sort: null })
              }
            >
              Show all models
            </Button>
          </div>
        ) : (
          <div className="not-strip flex flex-col gap-2 p-3">
            <p>No models yet. Register the first one here, or from the code that trains it.</p>
            <Button kind="primary" able={board.can.registerModel} reason="beside" onClick={() => open('register')}>
              Register a model
            </Button>
            {board.can.importRegistry.ok && <Button onClick={() => open('import')}>Import from MLflow</Button>}
            <Snippet label="From MLflow" code={mlflowSnippet(origin)} />
          </div>
        )}
      </div>
    </nav>
  );
}
