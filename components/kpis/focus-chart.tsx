'use client';

import { isShare } from '../../lib/kpis/rules.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { number, percent } from '../board/format.ts';
import { POINT_LOOKS } from '../board/states.tsx';
import { EventLane } from '../charts/event-lane.tsx';
import { ChartFrame } from '../charts/frame.tsx';
import { LineChart } from '../charts/line-chart.tsx';
import { Button } from '../ui/button.tsx';
import { focusGoal, orderedGoals } from './order.ts';

const PLOT_PX = 152;

export function FocusChart() {
  const { panel, lens, selection, select, showRail } = usePanel();
  const words = useWords();
  const goal = focusGoal(panel.kpis, lens, selection.kpi);
  if (!goal) {
    return (
      <ChartFrame
        id="focus"
        title="No goal is watched yet"
        sentence=""
        columns={['Event', 'When']}
        rows={panel.events.map((e) => [e.label, words.moment(e.at)])}
        className="part-kpis shrink-0"
      >
        <p className="py-2 text-muted">
          The data below is compared all the same. A goal adds the line that must not be crossed, and someone who is
          told.
        </p>
        <EventLane events={panel.events} from={panel.from} to={panel.to} format={words.moment} />
      </ChartFrame>
    );
  }
  const { contract, points } = goal;
  const value = (v: number) => words.amount(v, contract.unit);
  const said = (i: number): string => {
    const point = points[i];
    if (!point) return '';
    const interval = point.lo !== null && point.hi !== null ? ` (${value(point.lo)} to ${value(point.hi)})` : '';
    const what = point.value === null ? 'no value' : `${value(point.value)}${interval}`;
    return `${words.day(point.at)}, ${what}, n ${point.n}, ${POINT_LOOKS[point.state].word.toLowerCase()}`;
  };
  return (
    <ChartFrame
      id="focus"
      title={contract.question || contract.name}
      hint={`${contract.name}: ${contract.metric}. ${words.others('kpi')}`}
      sentence={goal.sentence}
      columns={['Window ends', 'Value', '95% low', '95% high', 'n', 'State', 'Watch', 'Limit']}
      rows={points.map((p) => [p.at, p.value, p.lo, p.hi, p.n, POINT_LOOKS[p.state].word, p.watch, p.breach])}
      tools={
        <>
          {panel.kpis.length > 4 && (
            <select
              aria-label="Goal on the chart"
              value={goal.id}
              onChange={(event) => void select({ kpi: event.target.value })}
              className="min-h-7 max-w-36 rounded-md border border-control bg-panel text-xs"
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
        </>
      }
      className="part-kpis shrink-0"
    >
      <LineChart
        name={`${contract.name}, ${words.day(panel.from)} to ${words.day(panel.to)}`}
        points={points.map((p) => ({
          ...p,
          over: p.state === 'breach' || p.state === 'pending',
          hollow: p.state === 'no_data',
        }))}
        from={panel.from}
        to={panel.to}
        limits={[
          {
            name: 'Watch',
            tone: 'var(--watch)',
            dashes: '2 4',
            steps: points.map((p) => ({ at: p.at, value: p.watch })),
          },
          {
            name: 'Limit',
            tone: 'var(--breach)',
            dashes: '6 4',
            steps: points.map((p) => ({ at: p.at, value: p.breach })),
          },
        ]}
        bad={contract.direction === 'higher_is_better' ? 'below' : 'above'}
        height={PLOT_PX}
        format={(v) => (isShare(contract.unit) && lens !== 'data' ? percent(v, 0) : number(v, 3))}
        formatTime={words.day}
        say={said}
      />
      <EventLane events={panel.events} from={panel.from} to={panel.to} format={words.moment} />
    </ChartFrame>
  );
}
