'use client';

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { DAY_MS } from '../../lib/base/time.ts';
import { driftHistoryQuery } from '../../lib/board/client.ts';
import { isOver } from '../../lib/drift/rules/strip.ts';
import { CHANGED, CHANGED_A_LOT } from '../../lib/drift/rules.ts';
import type { DriftFeature, DriftPoint } from '../../lib/drift/schema.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { EmptyPeriod } from '../board/empty.ts';
import { FocusTools } from '../board/focus-tools.tsx';
import { count, number } from '../board/format.ts';
import { LogSwitch, useLog } from '../board/log-switch.tsx';
import { usePeriod } from '../board/period.ts';
import { usePin } from '../board/pin.ts';
import { DRIFT_WORDS } from '../board/states.tsx';
import { TimeStrip } from '../board/time-strip.tsx';
import { ChartFrame } from '../charts/frame.tsx';
import { type LinePoint, markedAt, withHoles } from '../charts/kernel.ts';
import { LineChart } from '../charts/line-chart.tsx';
import { psiTexts } from './psi-texts.ts';

const PLOT_PX = 128;
const HISTORY_MS = 365 * DAY_MS;
const head = (zone: string) => [
  'Window starts',
  'Window ends',
  `Days in ${zone}`,
  'PSI',
  'Noise limit',
  'n',
  'State',
  'Alarm',
];

type Hole = { start: string; end: string; hole: true };
type Drawn = { windows: (DriftPoint | Hole)[]; line: LinePoint[] };

const tooFew = (point: DriftPoint) => point.state === 'too_few';

/** A window of too few rows is marked where it lies and is no part of the line; days without rows are a gap in it. */
function drawn(points: readonly DriftPoint[], now: number, to: string): Drawn {
  const windows = withHoles(points, (span): Hole => ({ ...span, hole: true }));
  const line = windows.map((window): LinePoint => {
    const at = markedAt(window, to);
    if ('hole' in window) return { at, value: null };
    const few = tooFew(window);
    const open = Date.parse(window.end) > now;
    return {
      at,
      value: few ? null : window.psi,
      seen: window.psi,
      over: isOver(window),
      hollow: few,
      open,
    };
  });
  return { windows, line };
}

function sentenceOf({ points }: DriftFeature): string {
  const judged = points.filter((point) => point.psi !== null && !tooFew(point));
  const last = judged.at(-1);
  if (!last || last.psi === null) return 'No window had enough rows to tell.';
  const [value, chance] = psiTexts(last);
  const noise = last.noiseLimit === null ? '' : `, where chance alone reaches ${chance}`;
  return `Changed in ${judged.filter(isOver).length} of ${judged.length} windows; ${value} in the last${noise}.`;
}

/** How far one input is from its reference, window by window, beside what chance alone would do to it. */
export function DriftTrend() {
  const { panel, board, selection, select } = usePanel();
  const words = useWords();
  const period = usePeriod();
  const { drift, model, version } = panel;
  const wanted = panel.distribution?.feature ?? selection.f;
  const feature = drift.features.find(({ name }) => name === wanted) ?? drift.features[0];
  const now = Date.parse(board.now);
  const { windows, line } = useMemo(() => drawn(feature?.points ?? [], now, panel.to), [feature, now, panel.to]);
  const pin = usePin();
  const log = useLog('drift', feature?.points.map((point) => point.psi) ?? []);
  const noise = useMemo(
    () => ({
      name: 'What chance alone can reach',
      windows: (feature?.points ?? []).map(({ start, end, noiseLimit }) => ({ start, end, limit: noiseLimit })),
    }),
    [feature],
  );
  const limits = useMemo(() => limitsUpTo(panel.to), [panel.to]);
  const moments = useMemo(() => panel.events.map(({ at }) => at), [panel.events]);
  const today = Date.parse(board.now.slice(0, 10));
  const [from, to] = [new Date(today - HISTORY_MS).toISOString(), new Date(today + DAY_MS).toISOString()];
  const history = useQuery({
    ...driftHistoryQuery({ model: model.name, version, feature: feature?.name ?? '', from, to }),
    enabled: feature !== undefined,
  });
  if (!feature || drift.state === 'no_reference')
    return (
      <ChartFrame
        id="drift-trend"
        title={words.term('driftFeature')}
        sentence=""
        columns={head(words.zone)}
        rows={[]}
        tools={<FocusTools />}
        className="focus-chart shrink-0"
      >
        <p className="py-2 text-muted">There is no reference yet to compare with.</p>
        <TimeStrip history={[]} />
      </ChartFrame>
    );

  const say = (i: number): string => {
    const window = windows[i];
    if (!window) return '';
    if ('hole' in window) return `No data, ${words.stretch(window)}`;
    const [value, limit] = psiTexts(window);
    const chance = window.noiseLimit === null ? '' : `, by chance up to ${limit}`;
    const open = Date.parse(window.end) > now ? ', not over yet' : '';
    return `${words.stretch(window)}, ${value}${chance}, n ${count(window.n)}, ${DRIFT_WORDS[window.state]}${window.alarm ? ', alarm' : ''}${open}`;
  };
  return (
    <ChartFrame
      id="drift-trend"
      title={`${feature.name}: ${words.term('driftFeature').toLowerCase()}`}
      hint={words.others('driftFeature')}
      sentence={drift.state === 'ready' ? sentenceOf(feature) : ''}
      columns={head(words.zone)}
      rows={() =>
        feature.points.map((p) => [
          p.start,
          p.end,
          words.dated(p),
          p.psi,
          p.noiseLimit,
          p.n,
          DRIFT_WORDS[p.state],
          p.alarm ? 'yes' : 'no',
        ])
      }
      tools={
        <>
          <select
            aria-label="Input on the chart"
            value={feature.name}
            onChange={(event) => void select({ f: event.target.value })}
            className="min-h-6 max-w-36 rounded-md max-sm:max-w-24 border border-control bg-panel text-xs"
          >
            {drift.features.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
          <LogSwitch chart="drift" log={log} />
          <FocusTools />
        </>
      }
      className="focus-chart shrink-0"
    >
      <LineChart
        name={`Drift of ${feature.name}, ${words.day(panel.from)} to ${words.day(panel.to)}`}
        points={line}
        from={panel.from}
        to={panel.to}
        limits={limits}
        noise={noise}
        moments={moments}
        zoom={period}
        pin={pin}
        log={log.on}
        height={PLOT_PX}
        format={psi}
        formatTime={words.tick}
        empty={drift.state === 'no_data' && <EmptyPeriod />}
        say={say}
      />
      <Legend />
      <TimeStrip history={history.data ?? []} />
    </ChartFrame>
  );
}

const psi = (value: number): string => number(value, 2);

/** The usual readings of the index; what chance reaches is drawn beside them and counts first where it is higher. */
const limitsUpTo = (to: string) => [
  { name: `Changed, from ${CHANGED}`, tone: 'var(--watch)', dashes: '2 4', steps: [{ at: to, value: CHANGED }] },
  {
    name: `Changed a lot, from ${CHANGED_A_LOT}`,
    tone: 'var(--breach)',
    dashes: '6 4',
    steps: [{ at: to, value: CHANGED_A_LOT }],
  },
];

function Legend() {
  return (
    <p className="flex flex-wrap gap-x-3 pl-[46px] text-xs text-muted">
      <span>
        <span aria-hidden className="mr-1 inline-block size-2.5 bg-reference opacity-40" />
        chance alone
      </span>
      <span>
        <span aria-hidden className="mr-1 inline-block w-4 border-t-2 border-dotted border-watch align-middle" />
        changed, {CHANGED}
      </span>
      <span>
        <span aria-hidden className="mr-1 inline-block w-4 border-t-2 border-dashed border-breach align-middle" />a lot,{' '}
        {CHANGED_A_LOT}
      </span>
      <span>
        <span aria-hidden className="mr-1 inline-block size-1.5 bg-breach align-middle" />
        says “changed”
      </span>
      <span>
        <span aria-hidden className="mr-1 inline-block size-2 rounded-full border-2 border-nodata align-middle" />
        too few rows
      </span>
    </p>
  );
}
