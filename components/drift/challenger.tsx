'use client';

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { DAY_MS } from '../../lib/base/time.ts';
import { performanceQuery } from '../../lib/board/client.ts';
import { type Pair, pairWindows, verdictOf } from '../../lib/drift/rules/challenger.ts';
import type { PerformancePoint } from '../../lib/drift/schema.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { number } from '../board/format.ts';
import { LogSwitch, useLog } from '../board/log-switch.tsx';
import { usePeriod } from '../board/period.ts';
import { usePin } from '../board/pin.ts';
import { SendData } from '../board/send-data.tsx';
import { ChartFrame } from '../charts/frame.tsx';
import { LineChart } from '../charts/line-chart.tsx';
import { absence, drawn, type Names, sentenceOf, VERDICT_WORDS, withInterval } from './challenger-words.ts';
import { goalOn, reasonWords } from './performance-goal.ts';
import { PerformanceTools } from './performance-tools.tsx';

const PLOT_PX = 84;
const STRIP_PX = 76;
const figure = (value: number): string => number(value, 3);
/**
 * The version on the screen and another one on one axis, with their difference under it: only where both answered in the same
 * windows, since figures of different days differ by their days.
 */
export function Challenger({ version }: { version: number }) {
  const { panel } = usePanel();
  const words = useWords();
  const period = usePeriod();
  const pin = usePin();
  const { performance: view, live: serving } = panel;
  const metric = view.metric ?? '';
  const points = view.points;
  const weekly = points.some(({ start, end }) => Date.parse(end) - Date.parse(start) > 2 * DAY_MS);
  const { from, to, model } = panel;
  const query = useQuery(
    performanceQuery({ model: model.name, version, from, to, metric, window: weekly ? 'week' : 'day' }),
  );
  const other = query.data;
  const { pairs, alone } = useMemo(() => pairWindows(points, other?.points ?? []), [points, other]);
  const { windows, line, shared, candidate, differences } = useMemo(
    () => drawn(points, pairs, metric, to),
    [points, pairs, metric, to],
  );
  const goal = useMemo(() => goalOn(panel.kpis, view.metric), [panel.kpis, view.metric]);
  const log = useLog(
    'performance',
    line.map((point) => point.value),
  );
  const name = (number: number | null) => `v${number}${number === serving?.version ? ' (live)' : ''}`;
  const names = { live: name(panel.version), candidate: name(version) };
  const beside = useMemo(
    () => ({ name: `v${version}`, tone: 'var(--candidate)', points: candidate, measured: true }),
    [version, candidate],
  );
  const zero = useMemo(
    () => [{ name: 'No difference', tone: 'var(--control)', dashes: '4 3', steps: [{ at: to, value: 0 }] }],
    [to],
  );
  const instead = other ? absence(other, pairs.length, names) : (query.error?.message ?? `Reading ${names.candidate}…`);
  const pairOf = new Map(pairs.map((pair) => [pair.end, pair]));
  const sayPair = (pair: Pair): string => {
    const said = ({ value, n, reason }: PerformancePoint) =>
      `${value === null ? 'no value' : number(value)}, n ${n}${reason ? `, ${reasonWords(reason)}` : ''}`;
    const difference = pair.difference
      ? `difference ${withInterval(pair.difference)}, ${VERDICT_WORDS[verdictOf(pair.difference, metric)]}`
      : 'no difference to tell';
    return `${words.stretch(pair)}, ${names.live} ${said(pair.live)}, ${names.candidate} ${said(pair.candidate)}, ${difference}`;
  };
  const say = (i: number): string => {
    const window = windows[i];
    if (!window) return '';
    if ('hole' in window) return `No data, ${words.stretch(window)}`;
    const pair = pairOf.get(window.end);
    if (pair) return sayPair(pair);
    const value = window.value === null ? 'no value' : number(window.value);
    return `${words.stretch(window)}, ${names.live} ${value}, n ${window.n}, ${names.candidate} no rows`;
  };
  const sayShared = (i: number): string => {
    const pair = shared[i];
    if (!pair) return '';
    return 'hole' in pair ? `No shared window, ${words.stretch(pair)}` : sayPair(pair);
  };
  const left = alone > 0 ? ` ${alone} windows of ${names.candidate} have no counterpart and are left out.` : '';
  const axis = { from, to, zoom: period, pin, format: figure, formatTime: words.tick };
  return (
    <ChartFrame
      id="challenger"
      title={`v${version} against v${panel.version}: ${metric}`}
      hint={words.others('performance')}
      sentence={instead || `${sentenceOf(pairs, metric, names)}${left}`}
      columns={[
        'Window starts',
        'Window ends',
        `Days in ${words.zone}`,
        `${metric} v${panel.version}`,
        `n v${panel.version}`,
        `${metric} v${version}`,
        `n v${version}`,
        'Difference',
        '95% low',
        '95% high',
        'Remark',
      ]}
      rows={() =>
        pairs.map(({ start, end, live, candidate: rival, difference }) => [
          start,
          end,
          words.dated({ start, end }),
          live.value,
          live.n,
          rival.value,
          rival.n,
          difference?.value ?? null,
          difference?.lo ?? null,
          difference?.hi ?? null,
          difference ? VERDICT_WORDS[verdictOf(difference, metric)] : reasonWords(rival.reason ?? live.reason),
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
      <LineChart
        name={`${metric} of ${names.live} and ${names.candidate}, ${words.day(from)} to ${words.day(to)}`}
        points={line}
        limits={goal.limits}
        beside={beside}
        log={log.on}
        height={PLOT_PX}
        say={say}
        {...axis}
      />
      <Legend {...names} goal={goal.name} shared={pairs.length > 0} />
      {pairs.length > 0 ? (
        <LineChart
          name={`Difference of ${metric}, ${names.candidate} less ${names.live}`}
          points={differences}
          limits={zero}
          tone="var(--candidate)"
          height={STRIP_PX}
          say={sayShared}
          {...axis}
        />
      ) : (
        other && (
          <p className="pt-1">
            <SendData />
          </p>
        )
      )}
    </ChartFrame>
  );
}

function Legend({ live, candidate, goal, shared }: Names & { goal: string; shared: boolean }) {
  return (
    <p className="flex flex-wrap gap-x-3 pl-[46px] text-xs text-muted">
      <span>
        <span aria-hidden className="mr-1 inline-block w-4 border-t-2 border-live align-middle" />
        {live}
      </span>
      {shared && (
        <span>
          <span aria-hidden className="mr-1 inline-block w-4 border-t-2 border-candidate align-middle" />
          <span aria-hidden className="mr-1 text-candidate">
            ◆
          </span>
          {candidate}
        </span>
      )}
      {goal && (
        <span>
          <span aria-hidden className="mr-1 inline-block w-4 border-t-2 border-dashed border-breach align-middle" />
          limit of {goal}
        </span>
      )}
      {shared && (
        <span>
          below: {candidate} less {live}, 95% interval
        </span>
      )}
    </p>
  );
}
