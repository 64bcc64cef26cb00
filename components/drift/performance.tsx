'use client';

import dynamic from 'next/dynamic';
import { useMemo } from 'react';
import { DAY_MS } from '../../lib/base/time.ts';
import type { PerformancePoint, PerformanceView } from '../../lib/drift/schema.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { EmptyPeriod } from '../board/empty.ts';
import { number, percent } from '../board/format.ts';
import { LogSwitch, useLog } from '../board/log-switch.tsx';
import { patiently } from '../board/patiently.ts';
import { usePeriod } from '../board/period.ts';
import { usePin } from '../board/pin.ts';
import { ChartFrame } from '../charts/frame.tsx';
import { type LinePoint, markedAt, withHoles } from '../charts/kernel.ts';
import { LineChart } from '../charts/line-chart.tsx';
import { goalOn, reasonWords } from './performance-goal.ts';
import { PerformanceTools, useCompared } from './performance-tools.tsx';

// Two versions side by side are asked for; until then nobody waits for their code.
const Challenger = dynamic(() => patiently(() => import('./challenger.tsx')).then((m) => m.Challenger), {
  ssr: false,
  loading: () => <div className="h-64 shrink-0 rounded-lg border border-line bg-panel" />,
});

const PLOT_PX = 66;
const figure = (value: number): string => number(value, 3);

const NO_MARKS: readonly LinePoint[] = [];

const ABSENT = {
  no_labels:
    'Outcomes have not arrived yet, so nobody can say how right the answers were. Send labels with the id of each row.',
  no_data: '',
  no_reference: 'There is no reference yet: it fixes which answers count as right.',
  ready: '',
} as const satisfies Record<PerformanceView['state'], string>;

type Hole = { start: string; end: string; hole: true };

/** Days without rows are a gap; where outcomes are too few to tell, the mark is hollow. */
function drawn(measured: readonly PerformancePoint[], now: number, to: string) {
  const windows = withHoles(measured, (span): Hole => ({ ...span, hole: true }));
  const line = windows.map((w): LinePoint => {
    const at = markedAt(w, to);
    if ('hole' in w) return { at, value: null };
    const open = Date.parse(w.end) > now;
    return { at, value: w.value, lo: w.lo, hi: w.hi, hollow: w.reason === 'too_few_labels', open };
  });
  const estimates = windows.map((w) => {
    const estimated = 'hole' in w ? null : w.estimated;
    return {
      at: markedAt(w, to),
      value: estimated?.value ?? null,
      lo: estimated?.lo ?? null,
      hi: estimated?.hi ?? null,
    };
  });
  const known = estimates.some(({ value }) => value !== null);
  return { windows, line, beside: known ? { name: 'Estimated', tone: 'var(--estimated)', points: estimates } : null };
}

const lengthOf = ({ start, end }: PerformancePoint): number => Date.parse(end) - Date.parse(start);

/** How far outcomes lag behind the rows, in whole days; nought where they have caught up. */
function daysBehind(points: readonly PerformancePoint[]): number {
  const [last, known] = [points.at(-1), points.findLast(({ n }) => n > 0)];
  return last && known ? Math.round((Date.parse(last.end) - Date.parse(known.end)) / DAY_MS) : 0;
}

function Realized() {
  const { board, panel } = usePanel();
  const words = useWords();
  const { performance: view } = panel;
  const period = usePeriod();
  const pin = usePin();
  const now = Date.parse(board.now);
  const { windows, line, beside } = useMemo(() => drawn(view.points, now, panel.to), [view.points, now, panel.to]);
  const goal = useMemo(() => goalOn(panel.kpis, view.metric), [panel.kpis, view.metric]);
  const log = useLog(
    'performance',
    line.map((point) => point.value),
  );
  const weekly = view.points.some((point) => lengthOf(point) > 2 * DAY_MS);
  const marks = weekly ? goal.breaches : NO_MARKS;
  const name = view.metric ?? 'performance';
  const say = (i: number): string => {
    const point = windows[i];
    if (!point) return '';
    if ('hole' in point) return `No data, ${words.stretch(point)}`;
    const why = point.reason ? `, ${reasonWords(point.reason)}` : '';
    const value = point.value === null ? 'no value' : number(point.value);
    const interval = point.lo !== null && point.hi !== null ? ` (${number(point.lo)} to ${number(point.hi)})` : '';
    const estimate = point.estimated ? `, estimated ${number(point.estimated.value)}` : '';
    const open = Date.parse(point.end) > now ? ', not over yet' : '';
    return `${words.stretch(point)}, ${value}${interval}, n ${point.n}${why}${estimate}${open}`;
  };
  const record = view.trackRecord;
  const error = record ? ` (off by ${number(record.meanError, 2)} so far)` : '';
  const estimateWords = beside === null ? '' : ` Dotted: estimate, if inputs still mean the same${error}.`;
  // Until outcomes arrive the estimate is all there is to see of them, and it is what it was made for.
  const onlyEstimated = view.state === 'no_labels' && beside !== null;
  const behind = daysBehind(view.points);
  // Today is not over: outcomes of yesterday are as new as they can be.
  const late = behind > 1 ? `, ${behind} d late` : '';
  const share = view.coverage === null ? '' : `Outcomes for ${percent(view.coverage, 0)} of the rows${late}; `;
  const weeks = weekly ? ' 1 point = 1 week, its days counted together.' : '';
  const kept = marks.length > 0 ? ` All ${marks.length} windows of ${goal.name} over the limit are marked.` : '';
  return (
    <ChartFrame
      id="performance"
      title={words.term('performance')}
      hint={words.others('performance')}
      sentence={
        view.state === 'ready'
          ? `${share}95% interval.${weeks}${kept}${estimateWords}`
          : onlyEstimated
            ? `No outcomes have arrived for these rows yet.${estimateWords}`
            : ''
      }
      columns={[
        'Window starts',
        'Window ends',
        `Days in ${words.zone}`,
        name,
        '95% low',
        '95% high',
        'n',
        'Rows',
        'Remark',
        'Estimated',
        'Estimate low',
        'Estimate high',
      ]}
      rows={() =>
        view.points.map((p) => [
          p.start,
          p.end,
          words.dated(p),
          p.value,
          p.lo,
          p.hi,
          p.n,
          p.rows,
          reasonWords(p.reason),
          p.estimated?.value ?? null,
          p.estimated?.lo ?? null,
          p.estimated?.hi ?? null,
        ])
      }
      tools={
        <>
          <LogSwitch chart="performance" log={log} />
          <PerformanceTools />
        </>
      }
      className="shrink-0"
    >
      {ABSENT[view.state] === '' || onlyEstimated ? (
        <LineChart
          name={`${name}, ${words.day(panel.from)} to ${words.day(panel.to)}`}
          points={line}
          from={panel.from}
          to={panel.to}
          limits={goal.limits}
          marks={marks}
          beside={beside}
          zoom={period}
          pin={pin}
          log={log.on}
          height={PLOT_PX}
          format={figure}
          formatTime={words.tick}
          empty={view.state === 'no_data' && <EmptyPeriod brief />}
          say={say}
        />
      ) : (
        <p className="py-1 text-muted">{ABSENT[view.state]}</p>
      )}
    </ChartFrame>
  );
}

/** How right the answers were: of the version on the screen, or of two side by side. */
export function Performance() {
  const version = useCompared();
  return (
    <div data-part="performance" className="part-drift flex shrink-0 flex-col">
      {version === null ? <Realized /> : <Challenger key={version} version={version} />}
    </div>
  );
}
