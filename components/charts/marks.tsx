import { lonely, round, type TimeScale, type ValueScale } from './kernel.ts';
import type { LinePoint } from './line-chart.tsx';

/** What a line cannot say: a point between two gaps, a window over its limit, and one with too few rows to tell. */
export function Marks({
  points,
  x,
  y,
  tone,
}: {
  points: readonly LinePoint[];
  x: TimeScale;
  y: ValueScale;
  tone: string;
}) {
  return (
    <>
      {lonely(points).map((p) => (
        <circle key={p.at} cx={round(x(new Date(p.at)))} cy={round(y(p.value ?? 0))} r={2.5} fill={tone} />
      ))}
      {points.map((p) => {
        const value = p.value ?? p.seen ?? null;
        if (value === null || !(p.over || p.hollow)) return null;
        const [cx, cy] = [round(x(new Date(p.at))), round(y(value))];
        return p.over ? (
          <rect key={p.at} data-over x={cx - 3} y={cy - 3} width={6} height={6} fill="var(--breach)" />
        ) : (
          <circle key={p.at} cx={cx} cy={cy} r={3} fill="var(--panel)" stroke="var(--nodata)" strokeWidth={1.5} />
        );
      })}
    </>
  );
}
