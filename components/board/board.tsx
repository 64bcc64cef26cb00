'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useEffect, useRef, useState } from 'react';
import { boardQuery, ProblemError } from '../../lib/board/client.ts';
import { LENSES } from '../../lib/board/glossary.ts';
import type { BoardView } from '../../lib/board/schema.ts';
import { stepEvents } from '../charts/event-steps.ts';
import { Catalogue } from '../models/catalogue.tsx';
import { neighbour, useCatalogueRows } from '../models/rows.ts';
import { copyText } from '../ui/snippet.tsx';
import { BoardContext, type Overlay } from './context.tsx';
import { useKeys } from './keys.ts';
import { useLive } from './live.ts';
import { ModelColumn } from './model-column.tsx';
import { patiently } from './patiently.ts';
import { goWider } from './period.ts';
import { PhoneTabs, type Tab } from './phone-tabs.tsx';
import { Rail } from './rail.tsx';
import { boardSelection, lensOf, ofModel, useSelection } from './selection.ts';
import { StatusBar } from './status-bar.tsx';
import { TopBar } from './top-bar.tsx';

// Nothing of this is needed to read the screen: it comes when somebody opens it.
const SignInAgain = dynamic(() => patiently(() => import('../access/sign-in-again.tsx')).then((m) => m.SignInAgain), {
  ssr: false,
});
const Overlays = dynamic(() => patiently(() => import('./overlays.tsx')).then((m) => m.Overlays), { ssr: false });

/** Goes to what may only come with a part of the screen that is still being fetched; whoever went elsewhere meanwhile is left there. */
function focusOnce(selector: string, until = performance.now() + FOCUS_MS): void {
  const from = document.activeElement;
  requestAnimationFrame(() => {
    if (document.activeElement !== from) return;
    const wanted = document.querySelector<HTMLElement>(selector);
    if (wanted) wanted.focus();
    else if (performance.now() < until) focusOnce(selector, until);
  });
}
const FOCUS_MS = 5000;

/** When no change message can arrive, the board is never older than this. */
const POLL_MS = 30_000;

export function Board({ initial }: { initial: BoardView }) {
  const [selection, select] = useSelection();
  const wanted = boardSelection(selection);
  const [first] = useState(() => {
    const opened = initial.model ? { m: initial.model.model.name } : {};
    return [wanted, { ...opened, ...wanted }].map((asked) => JSON.stringify(asked));
  });
  const queries = useQueryClient();
  const query = useQuery({
    ...boardQuery(wanted),
    ...(first.includes(JSON.stringify(wanted)) ? { initialData: initial } : {}),
    refetchInterval: POLL_MS,
  });
  // Where the next cannot be read there is still the last one that was.
  const last = useRef(initial);
  useEffect(() => {
    if (query.data) last.current = query.data;
  }, [query.data]);
  const board = query.data ?? last.current;
  const live = useLive(initial.position);
  const ended = query.error instanceof ProblemError && query.error.status === 401;
  const [later, setLater] = useState(false);
  if (later && !ended) setLater(false);
  const [overlay, open] = useState<Overlay>(null);
  const [tab, setTab] = useState<Tab>('kpis');
  const [catalogue, setCatalogue] = useState(false);
  const [rail, setRail] = useState(false);
  const lens = selection.lens ?? lensOf(board.me.roles);
  const root = useRef<HTMLDivElement>(null);

  // While the next model is read its name is shown at once, and no figure of the former one beside it.
  const unread = query.isPlaceholderData || query.data === undefined;
  const between = unread && selection.m !== null && board.model?.model.name !== selection.m;
  const panel = between ? null : board.model;
  const current = between ? selection.m : (board.model?.model.name ?? selection.m);
  const row = board.models.find((model) => model.name === current) ?? null;
  const { rows } = useCatalogueRows(board, selection);
  const showRail = () => {
    setRail(true);
    setTab('decide');
  };
  const showCharts = (part: string) => {
    setRail(false);
    setTab('drift');
    requestAnimationFrame(() =>
      root.current?.querySelector(`[data-part="${part}"]`)?.scrollIntoView({ block: 'center' }),
    );
  };

  // Nobody chose the model that the screen opens on: named in the address it stays, and the link leads to it, whatever is worst by then.
  const opened = selection.m === null && !unread ? (board.model?.model.name ?? null) : null;
  useEffect(() => {
    if (opened !== null) void select({ m: opened }, { history: 'replace' });
  }, [opened, select]);

  useEffect(() => {
    const glyph = row?.health === 'over_limit' ? '■ ' : '';
    document.title = row ? `${glyph}${row.name} · Plumbline` : 'Plumbline';
  }, [row]);

  const focusRegion = (by: number) => {
    const regions = [...(root.current?.querySelectorAll<HTMLElement>('[data-region]') ?? [])].filter(
      (r) => r.offsetParent,
    );
    const now = regions.findIndex((region) => region.contains(document.activeElement));
    regions[(now + by + regions.length) % regions.length]?.focus();
  };
  const step = (by: number) => {
    const next = neighbour(rows, current, by);
    if (next) void select(ofModel(next));
  };
  const goTo = (next: 'decide' | 'activity' | 'limits') => {
    void select({ panel: next });
    showRail();
    root.current?.querySelector<HTMLElement>('.region-rail')?.focus();
  };
  const press = (selector: string) => root.current?.querySelector<HTMLElement>(selector)?.click();
  useKeys(
    {
      j: () => step(1),
      k: () => step(-1),
      '/': () => {
        setCatalogue(true);
        setTab('models');
        requestAnimationFrame(() => document.getElementById('catalogue-search')?.focus());
      },
      '?': () => open('help'),
      '[': () => setCatalogue(!catalogue),
      ']': () => setRail(!rail),
      '1': () => void select({ lens: LENSES[0] }),
      '2': () => void select({ lens: LENSES[1] }),
      '3': () => void select({ lens: LENSES[2] }),
      F6: () => focusRegion(1),
      'shift F6': () => focusRegion(-1),
      t: () => goTo('limits'),
      v: () => press('.focus-chart [data-toggle-table]'),
      l: () => void copyText(window.location.href, 'Link copied.'),
      z: () => goWider(selection, select),
      e: () => stepEvents(1),
      'shift e': () => stepEvents(-1),
      w: () => root.current?.querySelector<HTMLElement>('#window-select')?.focus(),
      a: () => press('[data-key="approve"]'),
      r: () => press('[data-key="request-changes"]'),
      c: () => {
        goTo('activity');
        focusOnce('[data-key="comment"]');
      },
      'g k': () => root.current?.querySelector<HTMLElement>('.region-model')?.focus(),
      'g d': () => root.current?.querySelector<HTMLElement>('[data-chart="heat"] [tabindex="0"]')?.focus(),
      'g e': () => goTo('decide'),
      'g a': () => goTo('activity'),
      'g i': () => goTo('decide'),
      Escape: () => {
        setCatalogue(false);
        setRail(false);
        if (selection.q) void select({ q: null });
        else if (selection.at) void select({ at: null });
      },
    },
    () => open('menu'),
  );

  return (
    <BoardContext
      value={{
        board,
        panel,
        lens,
        selection,
        select,
        refresh: () => queries.invalidateQueries({ queryKey: ['board'] }),
        live,
        overlay,
        open,
        keeper: null,
        showRail,
        showCharts,
      }}
    >
      <div
        ref={root}
        className="board"
        data-tab={tab}
        data-catalogue={catalogue ? 'open' : 'closed'}
        data-rail={rail ? 'open' : 'closed'}
      >
        <TopBar onRail={() => setRail(!rail)} />
        <Catalogue
          current={current}
          toggle={() => setCatalogue(!catalogue)}
          opened={catalogue}
          onPick={() => setTab('kpis')}
        />
        <ModelColumn
          row={row}
          asked={selection.m}
          loading={between}
          failed={query.error}
          ended={ended}
          retry={() => (ended ? setLater(false) : void query.refetch())}
        />
        <Rail />
        <StatusBar />
        <PhoneTabs tab={tab} onTab={setTab} />
      </div>
      <p aria-live="polite" className="sr-only">
        {row ? `${row.name}, ${row.needsMe} waiting for you` : ''}
      </p>
      {overlay && <Overlays />}
      {ended && !later && <SignInAgain onClose={() => setLater(true)} />}
    </BoardContext>
  );
}
