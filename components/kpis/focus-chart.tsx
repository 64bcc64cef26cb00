'use client';

import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useMemo } from 'react';
import { goalHistoryQuery } from '../../lib/board/client.ts';
import type { KpiPanel } from '../../lib/board/schema.ts';
import { isShare } from '../../lib/kpis/rules/units.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { EmptyPeriod } from '../board/empty.ts';
import { FocusTools } from '../board/focus-tools.tsx';
import { number, percent } from '../board/format.ts';
import { LogSwitch, useLog } from '../board/log-switch.tsx';
import { patiently } from '../board/patiently.ts';
import { usePeriod } from '../board/period.ts';
import { usePin } from '../board/pin.ts';
import { POINT_LOOKS } from '../board/states.tsx';
import { TimeStrip } from '../board/time-strip.tsx';
import { ChartFrame } from '../charts/frame.tsx';
import { LineChart } from '../charts/line-chart.tsx';
import { Button } from '../ui/button.tsx';
import { focusGoal, orderedGoals } from './order.ts';

// A limit moves only while its editor is open, so that nobody who reads the chart moves one.
const LimitHandle = dynamic(() => patiently(() => import('./limit-handle.tsx')).then((m) => m.LimitHandle), {
  ssr: false,
});

const PLOT_PX = 128;
const head = (zone: string) => [
  'Window ends',
  `Time in ${zone}`,
  'Value',
  '95% low',
  '95% high',
  'n',
  'State',
  'Watch',
  'Limit',
];

/** The limits as they were in force, and the windows with what they say. */
function drawn(points: KpiPanel['points']) {
  const steps = (of: 'watch' | 'breach') => points.map((p) => ({ at: p.at, value: p[of] }));
  return {
    line: points.map((p) => ({
      ...p,
      over: p.state === 'breach' || p.state === 'pending',
      hollow: p.state === 'no_data',
    })),
    limits: [
      { name: 'Watch', tone: 'var(--watch)', dashes: '2 4', steps: steps('watch') },
      { name: 'Limit', tone: 'var(--breach)', dashes: '6 4', steps: steps('breach') },
    ],
  };
}

export function FocusChart() {
  const { panel, lens, selection, select, showRail } = usePanel();
  const words = useWords();
  const period = usePeriod();
  const goal = focusGoal(panel.kpis, lens, selection.kpi);
  const held = goal?.points;
  const { line, limits } = useMemo(() => drawn(held ?? []), [held]);
  const moments = useMemo(() => panel.events.map(({ at }) => at), [panel.events]);
  const pin = usePin();
  const log = useLog(
    'goal',
    line.map((point) => point.value),
  );
  const history = useQuery({ ...goalHistoryQuery(goal?.id ?? ''), enabled: goal !== null });
  if (!goal) {
    return (
      <ChartFrame
        id="focus"
        title="No goal is watched yet"
        sentence=""
        columns={['Event', 'When']}
        rows={panel.events.map((e) => [e.label, words.moment(e.at)])}
        tools={<FocusTools />}
        className="part-kpis focus-chart shrink-0"
      >
        <p className="py-2 text-muted">
          The data below is compared all the same. A goal adds the line that must not be crossed, and someone who is
          told.
        </p>
        <TimeStrip history={[]} />
      </ChartFrame>
    );
  }
  const { contract, points } = goal;
  const said = (i: number): string => {
    const point = points[i];
    if (!point) return '';
    const { lo, hi, watch, breach } = point;
    // The window's state is said beside its figures, which the limits decide.
    const [value, low, high] = words.amounts([point.value, lo, hi, watch, breach], contract.unit);
    const interval = lo !== null && hi !== null ? ` (${low} to ${high})` : '';
    const what = point.value === null ? 'no value' : `${value}${interval}`;
    // A window that ends at midnight is known by the day before.
    const last = words.day(new Date(Date.parse(point.at) - 1));
    const when = contract.window > 1 ? `${contract.window} d to ${last}` : last;
    return `${when}, ${what}, n ${point.n}, ${POINT_LOOKS[point.state].word.toLowerCase()}`;
  };
  return (
    <ChartFrame
      id="focus"
      title={contract.question || contract.name}
      hint={`${contract.name}: ${contract.metric}. ${words.others('kpi')}`}
      sentence={goal.sentence}
      columns={head(words.zone)}
      rows={() =>
        points.map((p) => [
          p.at,
          words.local(p.at),
          p.value,
          p.lo,
          p.hi,
          p.n,
          POINT_LOOKS[p.state].word,
          p.watch,
          p.breach,
        ])
      }
      tools={
        <>
          {panel.kpis.length > 4 && (
            <select
              aria-label="Goal on the chart"
              value={goal.id}
              onChange={(event) => void select({ kpi: event.target.value })}
              className="min-h-7 max-w-36 rounded-md max-sm:max-w-24 border border-control bg-panel text-xs"
            >
              {orderedGoals(panel.kpis, lens).map((k) => (
                <option key={k.id} value={k.id}>
                  {k.contract.name}
                </option>
              ))}
            </select>
          )}
          <Button
            kind="quiet"
            className="px-1.5 text-xs"
            title="T"
            onClick={() => {
              void select({ panel: 'limits', kpi: goal.id });
              showRail();
            }}
          >
            {words.term('threshold')}
          </Button>
          <LogSwitch chart="goal" log={log} />
          <FocusTools />
        </>
      }
      className="part-kpis focus-chart shrink-0"
    >
      <LineChart
        name={`${contract.name}, ${words.day(panel.from)} to ${words.day(panel.to)}`}
        points={line}
        from={panel.from}
        to={panel.to}
        limits={limits}
        bad={contract.direction === 'higher_is_better' ? 'below' : 'above'}
        moments={moments}
        zoom={period}
        pin={pin}
        log={log.on}
        height={PLOT_PX}
        format={(v) => (isShare(contract.unit) && lens !== 'data' ? percent(v, 0) : number(v, 3))}
        formatTime={words.tick}
        empty={panel.drift.state === 'no_data' && <EmptyPeriod />}
        overlay={
          selection.panel === 'limits'
            ? (y) => <LimitHandle kpi={goal.id} name={contract.name} unit={contract.unit} y={y} />
            : undefined
        }
        say={said}
      />
      <TimeStrip history={history.data ?? []} />
    </ChartFrame>
  );
}
