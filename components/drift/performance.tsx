'use client';

import { useMemo } from 'react';
import type { KpiPanel } from '../../lib/board/schema.ts';
import type { PerformancePoint, PerformanceView } from '../../lib/drift/schema.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { number, percent } from '../board/format.ts';
import { LogSwitch, useLog } from '../board/log-switch.tsx';
import { usePeriod } from '../board/period.ts';
import { usePin } from '../board/pin.ts';
import { ChartFrame } from '../charts/frame.tsx';
import { type LinePoint, withHoles } from '../charts/kernel.ts';
import { LineChart } from '../charts/line-chart.tsx';

const PLOT_PX = 66;
const DAY_MS = 86_400_000;
const figure = (value: number): string => number(value, 3);

const NO_MARKS: readonly LinePoint[] = [];

const ABSENT = {
  no_labels:
    'Outcomes have not arrived yet, so nobody can say how right the answers were. Send labels with the id of each row.',
  no_data: 'No data in this period.',
  no_reference: 'There is no reference yet: it fixes which answers count as right.',
  ready: '',
} as const satisfies Record<PerformanceView['state'], string>;

const REASONS: Record<string, string> = {
  no_labels: 'no outcomes yet',
  too_few_labels: 'too few outcomes to tell',
  undefined_here: 'not defined for these rows',
};

type Hole = { start: string; end: string; hole: true };

/** Days without rows are a gap; where outcomes are too few to tell, the mark is hollow. */
function drawn(measured: readonly PerformancePoint[], now: number) {
  const windows = withHoles(measured, (span): Hole => ({ ...span, hole: true }));
  const line = windows.map((w): LinePoint => {
    if ('hole' in w) return { at: w.end, value: null };
    const open = Date.parse(w.end) > now;
    return { at: w.end, value: w.value, lo: w.lo, hi: w.hi, hollow: w.reason === 'too_few_labels', open };
  });
  const estimates = windows.map((w) => {
    const estimated = 'hole' in w ? null : w.estimated;
    return { at: w.end, value: estimated?.value ?? null, lo: estimated?.lo ?? null, hi: estimated?.hi ?? null };
  });
  const known = estimates.some(({ value }) => value !== null);
  return { windows, line, beside: known ? { name: 'Estimated', tone: 'var(--estimated)', points: estimates } : null };
}

const lengthOf = ({ start, end }: PerformancePoint): number => Date.parse(end) - Date.parse(start);

/** The goal on this very figure, if there is one: its limits as they were in force, and its windows beyond them. */
function goalOn(kpis: readonly KpiPanel[], metric: string | null) {
  const goal = kpis.find(({ contract }) => contract.metric === metric);
  if (!goal) return { name: '', limits: [], breaches: [] };
  const steps = goal.points.map(({ at, breach }) => ({ at, value: breach }));
  const breaches = goal.points.flatMap((p): LinePoint[] =>
    p.state === 'breach' || p.state === 'pending' ? [{ at: p.at, value: p.value, over: true }] : [],
  );
  const limit = { name: `Limit of ${goal.contract.name}`, tone: 'var(--breach)', dashes: '6 4', steps };
  return { name: goal.contract.name, limits: [limit], breaches };
}

/** How far outcomes lag behind the rows, in whole days; nought where they have caught up. */
function daysBehind(points: readonly PerformancePoint[]): number {
  const [last, known] = [points.at(-1), points.findLast(({ n }) => n > 0)];
  return last && known ? Math.round((Date.parse(last.end) - Date.parse(known.end)) / DAY_MS) : 0;
}

export function Performance() {
  const { board, panel, select } = usePanel();
  const words = useWords();
  const { performance: view } = panel;
  const period = usePeriod();
  const pin = usePin();
  const now = Date.parse(board.now);
  const { windows, line, beside } = useMemo(() => drawn(view.points, now), [view.points, now]);
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
    const why = point.reason ? `, ${REASONS[point.reason] ?? point.reason}` : '';
    const value = point.value === null ? 'no value' : number(point.value);
    const interval = point.lo !== null && point.hi !== null ? ` (${number(point.lo)} to ${number(point.hi)})` : '';
    const estimate = point.estimated ? `, estimated ${number(point.estimated.value)}` : '';
    const open = Date.parse(point.end) > now ? ', not over yet' : '';
    return `${words.stretch(point)}, ${value}${interval}, n ${point.n}${why}${estimate}${open}`;
  };
  const record = view.trackRecord;
  const error = record ? ` (off by ${number(record.meanError, 2)} so far)` : '';
  const estimateWords = beside === null ? '' : ` Dotted: estimate, if inputs still mean the same${error}.`;
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
      sentence={view.state === 'ready' ? `${share}95% interval.${weeks}${kept}${estimateWords}` : ''}
      columns={[
        'Window starts',
        'Window ends',
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
      rows={view.points.map((p) => [
        p.start,
        p.end,
        p.value,
        p.lo,
        p.hi,
        p.n,
        p.rows,
        p.reason ? (REASONS[p.reason] ?? p.reason) : '',
        p.estimated?.value ?? null,
        p.estimated?.lo ?? null,
        p.estimated?.hi ?? null,
      ])}
      tools={
        <>
          <LogSwitch chart="performance" log={log} />
          {panel.version !== null && panel.versions.length > 1 && (
            <select
              aria-label={`Data of which ${words.term('version').toLowerCase()}`}
              value={panel.version}
              onChange={(event) => void select({ v: Number(event.target.value) })}
              className="min-h-7 rounded-md border border-control bg-panel text-xs"
            >
              {panel.versions.map((v) => (
                <option key={v.version} value={v.version}>
                  data of v{v.version}
                </option>
              ))}
            </select>
          )}
          {view.metrics.length > 0 && (
            <select
              aria-label="Metric"
              value={view.metric ?? ''}
              onChange={(event) => void select({ metric: event.target.value })}
              className="min-h-7 rounded-md border border-control bg-panel text-xs"
            >
              {view.metrics.map((metric) => (
                <option key={metric}>{metric}</option>
              ))}
            </select>
          )}
        </>
      }
      className="part-drift shrink-0"
    >
      {view.state === 'ready' ? (
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
          formatTime={words.day}
          say={say}
        />
      ) : (
        <p className="py-1 text-muted">{ABSENT[view.state]}</p>
      )}
    </ChartFrame>
  );
}
