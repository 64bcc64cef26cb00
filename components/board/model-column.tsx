'use client';

import { memo } from 'react';
import { ProblemError } from '../../lib/board/client.ts';
import type { CatalogRow } from '../../lib/board/schema.ts';
import { Distribution } from '../drift/distribution.tsx';
import { HeatStrip } from '../drift/heat-strip.tsx';
import { Performance } from '../drift/performance.tsx';
import { DriftTrend } from '../drift/trend.tsx';
import { FocusChart } from '../kpis/focus-chart.tsx';
import { focusMode } from '../kpis/order.ts';
import { Tiles } from '../kpis/tiles.tsx';
import { ComingHeader, ModelHeader } from '../models/model-header.tsx';
import { Button } from '../ui/button.tsx';
import { BoardContext, useBoard, usePanel, useWords } from './context.tsx';
import { FirstSteps } from './first-steps.tsx';
import { Keeper } from './keeper.tsx';
import { ofModel } from './selection.ts';
import { useStepBehind } from './step-behind.ts';

type Props = {
  row: CatalogRow | null;
  asked: string | null;
  loading: boolean;
  failed: Error | null;
  /** The session: signing in again is then the way on. */
  ended: boolean;
  retry: () => void;
};

export function ModelColumn({ row, asked, loading, failed, ended, retry }: Props) {
  const { panel, board, live, select } = useBoard();
  const words = useWords();
  return (
    <main
      id="model"
      data-region
      tabIndex={-1}
      className="region-model flex min-h-0 min-w-0 flex-col gap-2 overflow-y-auto p-2.5 -outline-offset-2"
    >
      {failed && (
        <div
          role="alert"
          className="flex flex-wrap items-center gap-2 rounded-md border border-breach bg-panel px-3 py-1.5"
        >
          <span className="flex-1">
            <strong className="text-breach">
              {ended ? '■ Your session has ended.' : '■ The board could not be read again.'}
            </strong>{' '}
            {!ended && (failed instanceof ProblemError ? failed.message : 'The server did not answer.')} What you see is
            from {words.moment(board.now)}.
          </span>
          <Button onClick={retry}>{ended ? 'Sign in again' : 'Try again'}</Button>
        </div>
      )}
      {!live.connected && (
        <p className="rounded-md border border-watch bg-panel px-3 py-1.5 text-watch">
          ▲ Not live: changes by others may be missing until the connection is back.
        </p>
      )}
      {panel ? (
        <>
          <ModelHeader />
          {panel.stale && (
            <p className="shrink-0 rounded-md border border-nodata bg-panel px-3 py-1">
              <strong>○ Last data {words.ago(panel.stale.since)}.</strong> Shown as it was; goals without data say “No
              data”, never “On target”.
            </p>
          )}
        </>
      ) : loading && row ? (
        <ComingHeader row={row} />
      ) : loading ? null : (
        <div className="part-head m-auto flex max-w-md flex-col items-center gap-3">
          <h1 className="text-lg font-semibold">{asked ? `No model called ${asked}` : 'No model yet'}</h1>
          <p className="text-center text-muted">
            {asked
              ? 'It does not exist, or you have no access to it.'
              : 'Three steps, and this screen can tell when a model gets worse.'}
          </p>
          {asked && board.models.length > 0 ? (
            <Button kind="primary" onClick={() => void select(ofModel(null))}>
              Show the model that is worst off
            </Button>
          ) : (
            <FirstSteps />
          )}
        </div>
      )}
      {(panel || (loading && row)) && <Charts />}
    </main>
  );
}

/** The charts follow a step behind; those of the former model are out of sight at once, and taken down when the next are drawn. */
function Charts() {
  const { held, drawn, ...behind } = useStepBehind();
  const here = behind.here && drawn !== undefined;
  return (
    <>
      {!here && <Frames />}
      {held.panel && (
        <BoardContext value={held}>
          <div className={here ? 'contents' : 'hidden'}>
            <Column key={drawn} />
          </div>
        </BoardContext>
      )}
    </>
  );
}

const Column = memo(function Column() {
  const { panel, lens, selection } = usePanel();
  return (
    <>
      <Recount />
      <Tiles />
      <Keeper part="focus">{focusMode(panel, lens, selection) === 'drift' ? <DriftTrend /> : <FocusChart />}</Keeper>
      <Keeper part="performance">
        <Performance />
      </Keeper>
      <div className="part-drift grid min-h-[236px] flex-1 grid-cols-1 lg:max-h-[480px] lg:has-[details[open]]:max-h-none lg:has-[details[open]]:min-h-[540px] max-lg:flex-none gap-2 lg:grid-cols-[minmax(0,11fr)_minmax(0,9fr)] max-lg:[&>figure]:min-h-80 lg:[&>figure]:h-full">
        <Keeper part="heat">
          <HeatStrip />
        </Keeper>
        <Keeper part="distribution">
          <Distribution />
        </Keeper>
      </div>
    </>
  );
});

/** While the uploads are counted anew on another reference the charts grow; saying so beats numbers that move by themselves. */
function Recount() {
  const { panel } = useBoard();
  const batches = panel?.drift.reference?.batches;
  // An upload that is read for the first time is not counted either, and no news.
  const first = panel?.batches.filter(
    (batch) => batch.kind === 'observations' && batch.state === 'processing' && batch.windows === null,
  );
  if (!batches || batches.counted + (first?.length ?? 0) >= batches.total) return null;
  return (
    <p role="status" className="part-drift shrink-0 rounded-md border border-control bg-panel px-3 py-1">
      Recounting on the new reference: {batches.counted} of {batches.total} uploads. The charts of drift and measured
      results show these.
    </p>
  );
}

/** Frames in their final size, so that nothing jumps when the figures arrive. */
function Frames() {
  return ['h-[78px]', 'h-64', 'h-32', 'flex-1'].map((size) => (
    <div key={size} aria-hidden className={`${size} shrink-0 rounded-lg border border-line bg-panel`} />
  ));
}
