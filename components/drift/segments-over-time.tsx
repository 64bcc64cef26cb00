'use client';

import { useQueries } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { DAY_MS } from '../../lib/base/time.ts';
import { performanceQuery } from '../../lib/board/client.ts';
import { byGap } from '../../lib/drift/rules/segments.ts';
import type { PerformancePoint, SegmentsView, SegmentView } from '../../lib/drift/schema.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { count, number } from '../board/format.ts';
import { ChartFrame } from '../charts/frame.tsx';
import { type LinePoint, markedAt, withHoles } from '../charts/kernel.ts';
import { LineChart } from '../charts/line-chart.tsx';
import { segmentLabel } from './bins.ts';
import { reasonWords } from './performance-goal.ts';

/** More small charts than these are a wall, not a comparison; the table above has all of them. */
const MULTIPLES = 6;
const PLOT_PX = 84;
/** A day of one part is seldom enough to tell; a week mostly is. */
const DAILY_MAX_DAYS = 31;

type Hole = { start: string; end: string; hole: true };
const figure = (value: number): string => number(value, 3);
const UNJUDGED: ReadonlySet<string> = new Set(['too_few_labels', 'no_labels']);

/** A window without enough outcomes is marked where it lies and no part of the line. */
function drawn(
  points: readonly PerformancePoint[],
  to: string,
): { windows: (PerformancePoint | Hole)[]; line: LinePoint[] } {
  const windows = withHoles(points, (span): Hole => ({ ...span, hole: true }));
  const line = windows.map((w): LinePoint => {
    const at = markedAt(w, to);
    if ('hole' in w) return { at, value: null };
    const few = UNJUDGED.has(w.reason ?? '');
    return {
      at,
      value: few ? null : w.value,
      seen: w.value,
      hollow: few,
      ...(few ? {} : { lo: w.lo, hi: w.hi }),
    };
  });
  return { windows, line };
}

/** The series of each part, asked for one after the other: each reads rows, and nobody else shall wait for six at once. */
function useSeries(view: SegmentsView, segments: readonly SegmentView[]) {
  const { panel } = usePanel();
  const { from, to, model, version } = panel;
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS;
  const window = days > DAILY_MAX_DAYS ? ('week' as const) : ('day' as const);
  const [asked, setAsked] = useState(1);
  const results = useQueries({
    queries: segments.map((segment, i) => ({
      ...performanceQuery({
        model: model.name,
        version,
        from,
        to,
        metric: view.metric ?? '',
        window,
        segment: `${view.by}:${segment.name}`,
      }),
      enabled: i < asked,
    })),
  });
  const answered = results[asked - 1]?.isFetched === true;
  useEffect(() => {
    if (answered && asked < segments.length) setAsked(asked + 1);
  }, [answered, asked, segments.length]);
  return { results, window };
}

/** One metric of up to six parts window by window, on one scale: whether a part was always off, or went off. */
export function SegmentsOverTime({ view }: { view: SegmentsView }) {
  const { panel } = usePanel();
  const words = useWords();
  const ranked = useMemo(() => byGap(view.segments), [view.segments]);
  const segments = ranked.segments.slice(0, MULTIPLES);
  const { results, window } = useSeries(view, segments);
  const series = results.map(({ data }) => data?.points ?? []);
  // One scale, or a small move in one chart would look like a large one in the next.
  const scale = series
    .flat()
    .flatMap(({ value, lo, hi, reason }) => (UNJUDGED.has(reason ?? '') ? [] : [value, lo, hi]));
  const { from, to } = panel;
  const mean = useMemo(
    () => [{ name: 'Mean of all', tone: 'var(--control)', dashes: '4 3', steps: [{ at: to, value: ranked.middle }] }],
    [to, ranked.middle],
  );
  const of = segments.length < view.segments.length ? ` ${segments.length} of ${view.segments.length} parts.` : '';
  return (
    <ChartFrame
      id="segments-time"
      title={`${view.metric} by ${view.by} over time`}
      sentence={`1 point = 1 ${window}, with its 95% interval; dashed: the mean of all. All on one scale, the farthest from the mean first.${of} Hollow: too few outcomes to tell.`}
      columns={[
        view.by,
        'Window starts',
        'Window ends',
        `Days in ${words.zone}`,
        view.metric ?? 'Metric',
        '95% low',
        '95% high',
        'n',
        'Remark',
      ]}
      rows={() =>
        segments.flatMap((segment, i) =>
          (series[i] ?? []).map((p) => [
            segment.name,
            p.start,
            p.end,
            words.dated(p),
            p.value,
            p.lo,
            p.hi,
            p.n,
            reasonWords(p.reason),
          ]),
        )
      }
    >
      <div className="grid grid-cols-1 gap-x-3 gap-y-2 pt-1 sm:grid-cols-2">
        {segments.map((segment, i) => (
          <Multiple
            key={segment.name}
            segment={segment}
            title={`${view.by}: ${segmentLabel(segment.segment)}`}
            points={results[i]?.data?.points ?? null}
            failed={results[i]?.error?.message ?? null}
            from={from}
            to={to}
            limits={mean}
            scale={scale.filter((value) => value !== null)}
            formatTime={words.tick}
          />
        ))}
      </div>
    </ChartFrame>
  );
}

type Props = {
  segment: SegmentView;
  title: string;
  points: readonly PerformancePoint[] | null;
  failed: string | null;
  from: string;
  to: string;
  limits: { name: string; tone: string; dashes: string; steps: { at: string; value: number }[] }[];
  scale: readonly number[];
  formatTime: (at: Date, apart: number) => string;
};

function Multiple({ segment, title, points, failed, scale, ...axis }: Props) {
  const words = useWords();
  const { windows, line } = useMemo(() => drawn(points ?? [], axis.to), [points, axis.to]);
  const say = (i: number): string => {
    const window = windows[i];
    if (!window) return '';
    if ('hole' in window) return `No data, ${words.stretch(window)}`;
    const { value, lo, hi, n, reason } = window;
    const interval = lo !== null && hi !== null ? ` (${number(lo)} to ${number(hi)})` : '';
    const why = reason ? `, ${reasonWords(reason)}` : '';
    return `${words.stretch(window)}, ${value === null ? 'no value' : number(value)}${interval}, n ${n}${why}`;
  };
  return (
    <section className="min-w-0" data-segment={segment.name}>
      <h3 className="flex justify-between gap-2 text-xs font-semibold">
        <span className="truncate" title={segment.name}>
          {title}
        </span>
        <span className="shrink-0 font-normal text-muted">
          {segment.reason ? `○ we cannot judge, n ${count(segment.n)}` : `n ${count(segment.n)}`}
        </span>
      </h3>
      {failed !== null ? (
        <p className="text-xs text-muted">{failed}</p>
      ) : points === null ? (
        <p className="text-xs text-muted" style={{ height: PLOT_PX }}>
          Counting its windows…
        </p>
      ) : (
        <LineChart
          {...axis}
          name={`${title}, ${words.day(axis.from)} to ${words.day(axis.to)}`}
          points={line}
          scaleOf={scale}
          height={PLOT_PX}
          format={figure}
          say={say}
        />
      )}
    </section>
  );
}
