'use client';

import { DAY_MS } from '../../lib/base/time.ts';
import { EventLane } from '../charts/event-lane.tsx';
import type { Plotted } from '../charts/kernel.ts';
import { Overview } from '../charts/overview.tsx';
import { usePanel, useWords } from './context.tsx';
import { usePeriod } from './period.ts';
import { usePin } from './pin.ts';
import { WINDOWS } from './selection.ts';
import { ZoneSelect } from './zone-select.tsx';

/** The overview reaches a year back, or as far as the period does. */
const OVERVIEW_MS = 365 * DAY_MS;
const SHORT = { '24h': '1 d', '7d': '7 d', '30d': '30 d', '90d': '90 d', '365d': '1 y' } as const;

/** What happened, on the axis of the chart above; and where in the whole history that axis lies. */
export function TimeStrip({ history }: { history: readonly Plotted[] }) {
  const { board, panel, select } = usePanel();
  const words = useWords();
  const period = usePeriod();
  const pin = usePin();
  const now = new Date(board.now);
  const yearAgo = now.getTime() - OVERVIEW_MS;
  const extent = { from: new Date(Math.min(yearAgo, period.bounds.from.getTime())), to: now };
  return (
    <>
      <EventLane events={panel.events} from={panel.from} to={panel.to} format={words.moment} onPin={pin.to} />
      <Overview
        points={history}
        extent={extent}
        span={period.bounds}
        format={words.day}
        onChange={({ from, to }, how) => period.to(from, to, how === 'drag' ? 'push' : 'replace')}
      >
        <fieldset aria-label="Period" className="flex shrink-0 text-xs">
          {WINDOWS.map((w) => (
            <button
              key={w}
              type="button"
              aria-pressed={period.preset === w}
              onClick={() => void select({ w })}
              className="min-h-6 min-w-6 rounded-sm px-1.5 text-muted hover:bg-raised aria-pressed:bg-raised aria-pressed:font-semibold aria-pressed:text-ink"
            >
              {SHORT[w]}
            </button>
          ))}
        </fieldset>
        <ZoneSelect />
      </Overview>
    </>
  );
}
