import { type LinePoint, lonely, type Plotted, round, type TimeScale, type ValueScale } from './kernel.ts';

const SIDE = 6;
const HALF = SIDE / 2;

/** What a line cannot say: a point between two gaps, a window over its limit, and one with too few rows to tell. All squares are one path: a bad year is not a thousand nodes. */
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
  // A mark of a window that is not judged does not stretch the scale: it lies at the edge instead.
  const [, roof = 0] = y.range();
  const places = (wanted: (point: LinePoint) => boolean | undefined) =>
    points.flatMap((p): [number, number][] => {
      const value = p.value ?? p.seen ?? null;
      return value !== null && wanted(p) ? [[round(x(new Date(p.at))), Math.max(round(roof), round(y(value)))]] : [];
    });
  const over = places((p) => p.over);
  const few = places((p) => p.hollow && !p.over);
  return (
    <>
      {lonely(points).map((p) => (
        <circle key={p.at} cx={round(x(new Date(p.at)))} cy={round(y(p.value ?? 0))} r={2.5} fill={tone} />
      ))}
      {over.length > 0 && (
        <path
          data-over={over.length}
          d={over.map(([cx, cy]) => `M${cx - HALF},${cy - HALF}h${SIDE}v${SIDE}h-${SIDE}z`).join('')}
          fill="var(--breach)"
        />
      )}
      {few.map(([cx, cy]) => (
        <circle key={cx} cx={cx} cy={cy} r={3} fill="var(--panel)" stroke="var(--nodata)" strokeWidth={1.5} />
      ))}
    </>
  );
}

const END_PX = 5;

/** A diamond where a line ends, and dots where it is but one point: which line it is does not hang on its colour. */
export function EndMark({
  points,
  tone,
  x,
  y,
}: {
  points: readonly Plotted[];
  tone: string;
  x: TimeScale;
  y: ValueScale;
}) {
  const last = points.findLast(({ value }) => value !== null);
  if (!last || last.value === null) return null;
  const [cx, cy] = [round(x(new Date(last.at))), round(y(last.value))];
  return (
    <>
      {lonely(points).map((p) => (
        <circle key={p.at} cx={round(x(new Date(p.at)))} cy={round(y(p.value ?? 0))} r={2.5} fill={tone} />
      ))}
      <path
        data-end
        d={`M${cx - END_PX},${cy}l${END_PX},-${END_PX}l${END_PX},${END_PX}l-${END_PX},${END_PX}z`}
        fill={tone}
      />
    </>
  );
}
