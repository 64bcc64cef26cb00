import { memo } from 'react';
import { TimeAxis, ValueAxis } from './axes.tsx';
import {
  bandPath,
  type LinePoint,
  linePath,
  type Margin,
  type NoiseWindow,
  noisePath,
  type Plotted,
  round,
  splitOpen,
  stepPath,
  timeScale,
  type ValueScale,
} from './kernel.ts';
import { EndMark, Marks } from './marks.tsx';

/**
 * A second series in the same unit: drawn thin and dotted, so that nobody takes it for the measured one. `measured`: it is
 * one as well, of another version, drawn like the first with a diamond at its end.
 */
export type Beside = { name: string; tone: string; points: readonly Plotted[]; measured?: boolean };
export type Limit = { name: string; tone: string; dashes: string; steps: { at: string; value: number | null }[] };

export type Drawn = {
  points: readonly LinePoint[];
  from: string;
  to: string;
  limits: Limit[];
  beside?: Beside | null;
  /** What chance alone can reach, in the unit of the points. */
  noise?: { name: string; windows: readonly NoiseWindow[] } | null;
  /** Moments over a limit that are marked besides the line, such as days of which the line shows weeks. */
  marks?: readonly LinePoint[];
  /** On which side of the last limit the trouble lies; shaded so lightly that the line stays the subject. */
  bad?: 'above' | 'below';
  height: number;
  tone?: string;
  format: (value: number) => string;
  formatTime: (at: Date, apart: number) => string;
};

export const MARGIN: Margin = { top: 8, right: 8, bottom: 20, left: 46 };

/** All that stands still while somebody reads along: drawn once, whatever the cursor does. */
export const Drawing = memo(function Drawing({
  points,
  from,
  to,
  limits,
  beside = null,
  noise = null,
  marks = [],
  bad,
  height,
  tone = 'var(--live)',
  format,
  formatTime,
  width,
  y,
}: Drawn & { width: number; y: ValueScale }) {
  const frame = { width, height, margin: MARGIN };
  const x = timeScale(from, to, width, MARGIN);
  const [plotTop, plotEnd] = [MARGIN.top, height - MARGIN.bottom];
  const { closed, open } = splitOpen(points);
  const worst = limits.at(-1)?.steps.at(-1)?.value ?? null;
  return (
    <>
      {bad && worst !== null && (
        <rect
          x={MARGIN.left}
          width={Math.max(0, width - MARGIN.left - MARGIN.right)}
          y={bad === 'above' ? plotTop : round(y(worst))}
          height={Math.max(0, round(bad === 'above' ? y(worst) - plotTop : plotEnd - y(worst)))}
          fill="var(--breach)"
          opacity={0.06}
        />
      )}
      {noise && (
        <path data-noise d={noisePath(noise.windows, x, y)} fill="var(--reference)" opacity={0.28}>
          <title>{noise.name}</title>
        </path>
      )}
      <ValueAxis y={y} frame={frame} format={format} ticks={height < 110 ? 2 : 4} />
      <TimeAxis x={x} frame={frame} format={formatTime} />
      {beside && (
        <g>
          <title>{beside.name}</title>
          <path d={bandPath(beside.points, x, y)} fill={beside.tone} opacity={0.12} />
          <path
            d={linePath(beside.points, x, y)}
            fill="none"
            stroke={beside.tone}
            {...(beside.measured ? { strokeWidth: 2 } : { strokeWidth: 1.5, strokeDasharray: '2 3' })}
          />
          {beside.measured && <EndMark points={beside.points} tone={beside.tone} x={x} y={y} />}
        </g>
      )}
      <path d={bandPath(points, x, y)} fill={tone} opacity={0.16} />
      {limits.map((limit) => (
        <path
          key={limit.name}
          d={stepPath(limit.steps, from, x, y)}
          fill="none"
          stroke={limit.tone}
          strokeWidth={1.5}
          strokeDasharray={limit.dashes}
        >
          <title>{limit.name}</title>
        </path>
      ))}
      <path d={linePath(closed, x, y)} fill="none" stroke={tone} strokeWidth={2} strokeLinejoin="round" />
      {open.length > 0 && (
        <path
          data-open
          d={linePath(open, x, y)}
          fill="none"
          stroke={tone}
          strokeWidth={2}
          strokeDasharray="1 4"
          strokeLinecap="round"
        >
          <title>This window is not over yet</title>
        </path>
      )}
      <Marks points={points} x={x} y={y} tone={tone} />
      {marks.length > 0 && <Marks points={marks} x={x} y={y} tone={tone} />}
    </>
  );
});
