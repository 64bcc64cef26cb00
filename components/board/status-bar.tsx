'use client';

import { useBoard, useWords } from './context.tsx';

export function StatusBar() {
  const { board, panel, live } = useBoard();
  const words = useWords();
  const running = panel?.batches.filter((batch) => batch.state === 'received' || batch.state === 'processing') ?? [];
  const row = board.models.find((model) => model.name === panel?.model.name);
  return (
    <footer className="region-status flex items-center gap-4 overflow-hidden border-t border-line bg-panel px-3 text-xs whitespace-nowrap text-muted">
      <span role="status">
        {live.connected ? (
          <>
            <span aria-hidden className="text-ok">
              ●{' '}
            </span>
            Live
          </>
        ) : (
          <span className="font-semibold text-breach">
            <span aria-hidden>○ </span>
            Not live since {live.since ? words.clock(live.since) : '?'}, retrying
          </span>
        )}
      </span>
      {row?.lastDataAt && <span>Data to {words.moment(row.lastDataAt)}</span>}
      <span className="not-phone">Times in {words.zone}</span>
      {running[0] && (
        <span role="status">
          Reading {running[0].kind} for {running[0].model}: {running[0].progress ?? 'waiting'}
        </span>
      )}
      <span className="not-phone ml-auto">J/K models · ⌘K menu · ? keys</span>
    </footer>
  );
}
