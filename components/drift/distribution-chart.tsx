'use client';

import { Bar, ComposedChart, Line, Tooltip, XAxis, YAxis } from 'recharts';
import { percent } from '../board/format.ts';
import { useSize } from '../charts/size.ts';

type Bin = { label: string; reference: number; current: number };
type Props = {
  name: string;
  sentence: string;
  bins: Bin[];
  numeric: boolean;
  names: { reference: string; current: string };
};

const AXIS = { fontSize: 11, fill: 'var(--muted)' };

/** Ordered bins: the reference as a step outline. Categories have no order to step through: paired bars. */
export function DistributionChart({ name, sentence, bins, numeric, names }: Props) {
  const [box, { width, height }] = useSize<HTMLDivElement>({ width: 0, height: 0 });
  return (
    <div ref={box} className="min-h-17 flex-1 overflow-hidden" data-testid="distribution">
      {width > 0 && height > 0 && (
        <ComposedChart
          width={width}
          height={height}
          data={bins}
          title={name}
          desc={sentence}
          aria-label={name}
          margin={{ top: 6, right: 4, bottom: 0, left: 0 }}
          barGap={1}
          barCategoryGap={numeric ? 1 : '20%'}
        >
          <XAxis
            dataKey="label"
            tick={AXIS}
            tickLine={false}
            stroke="var(--control)"
            interval="preserveStartEnd"
            height={20}
          />
          <YAxis
            tick={AXIS}
            tickLine={false}
            axisLine={false}
            width={40}
            tickCount={3}
            tickFormatter={(share: number) => percent(share, 0)}
          />
          <Tooltip
            isAnimationActive={false}
            formatter={(share) => percent(Number(share))}
            contentStyle={{
              background: 'var(--panel)',
              border: '1px solid var(--control)',
              borderRadius: 6,
              fontSize: 12,
              padding: '4px 8px',
            }}
            cursor={{ fill: 'var(--raised)' }}
          />
          {!numeric && (
            <Bar
              dataKey="reference"
              name={names.reference}
              fill="var(--panel)"
              stroke="var(--reference)"
              strokeWidth={2}
              isAnimationActive={false}
            />
          )}
          <Bar dataKey="current" name={names.current} fill="var(--live)" isAnimationActive={false} />
          {numeric && (
            <Line
              dataKey="reference"
              name={names.reference}
              type="step"
              stroke="var(--reference)"
              strokeWidth={2.5}
              dot={false}
              activeDot={false}
              isAnimationActive={false}
            />
          )}
        </ComposedChart>
      )}
    </div>
  );
}
