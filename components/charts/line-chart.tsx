'use client';

import { memo, useMemo } from 'react';
import { CursorLine, TimeAxis, ValueAxis } from './axes.tsx';
import {
  bandPath,
  type LinePoint,
  linePath,
  type Margin,
  type NoiseWindow,
  nearest,
  noisePath,
  type Plotted,
  round,
  stepPath,
  type TimeScale,
  timeScale,
  type ValueScale,
  valueScale,
} from './kernel.ts';
import { Marks } from './marks.tsx';
import { useReading } from './reading.ts';
import { sample, sampledWords } from './sample.ts';
import { useWidth } from './size.ts';
import { useDrag, type Zoom } from './zoom.ts';

/** A second series in the same unit: drawn thin and dotted, so that nobody takes it for the measured one. */
type Beside = { name: string; tone: string; points: readonly Plotted[] };
type Limit = { name: string; tone: string; dashes: string; steps: { at: string; value: number | null }[] };

type Drawn = {
  points: readonly LinePoint[];
  from: string;
  to: string;
  limits: Limit[];
  beside?: Beside | null;
  /** What chance alone can reach, in the unit of the points. */
  noise?: { name: string; windows: readonly NoiseWindow[] } | null;
  /** On which side of the last limit the trouble lies; shaded so lightly that the line stays the subject. */
  bad?: 'above' | 'below';
  height: number;
  tone?: string;
  format: (value: number) => string;
  formatTime: (at: Date) => string;
};

type Props = Drawn & {
  name: string;
  /** Moments whose windows are drawn however many windows there are, such as those of events. */
  moments?: readonly string[];
  zoom?: Zoom;
  /** One point in words, for the reader of the screen and the readout alike. */
  say: (index: number) => string;
};

const MARGIN: Margin = { top: 8, right: 8, bottom: 20, left: 46 };
const NONE: readonly string[] = [];

export function LineChart({ name, points, moments = NONE, zoom, say, ...drawn }: Props) {
  const [box, width] = useWidth<HTMLDivElement>();
  const { from, to, height, beside = null, limits } = drawn;
  const x = timeScale(from, to, width, MARGIN);
  const y = useMemo(() => valuesOf(points, beside, limits, height), [points, beside, limits, height]);
  const reading = useReading(points, x, say);
  const drag = useDrag(x, zoom);
  const { shown, words } = useMemo(() => {
    const events = moments.filter((at) => at >= from && at <= to).map((at) => nearest(points, Date.parse(at)));
    const sampled = sample(points, width - MARGIN.left - MARGIN.right, new Set(events));
    return { shown: sampled.places.flatMap((place) => points[place] ?? []), words: sampledWords(sampled) };
  }, [points, moments, from, to, width]);
  const point = reading.index === null ? undefined : points[reading.index];

  return (
    <>
      <div ref={box} className="relative min-w-0 shrink-0 overflow-hidden" style={{ height }}>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be drawn in */}
        <svg
          role="group"
          aria-label={`${name}. Arrow keys read one point after the other.${zoom ? ' Drag to look closer, Z to go back.' : ''}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the chart is read with the arrow keys
          tabIndex={0}
          width={width}
          height={height}
          onKeyDown={(event) => {
            if (event.key === 'Escape') drag.cancel();
            reading.onKeyDown(event);
          }}
          onKeyUp={reading.onKeyUp}
          onBlur={reading.leave}
          onPointerDown={drag.onPointerDown}
          onPointerMove={(event) => {
            reading.onPointerMove(event);
            drag.onPointerMove(event);
          }}
          onPointerUp={drag.onPointerUp}
          onPointerLeave={reading.leave}
          onDoubleClick={() => zoom?.back()}
          className={`block rounded-sm select-none focus:not-focus-visible:outline-none ${zoom ? 'cursor-crosshair' : ''}`}
        >
          <Drawing {...drawn} points={shown} width={width} y={y} />
          {drag.stretch && (
            <rect
              x={Math.min(drag.stretch.from, drag.stretch.to)}
              width={Math.abs(drag.stretch.to - drag.stretch.from)}
              y={MARGIN.top}
              height={height - MARGIN.top - MARGIN.bottom}
              fill="var(--live)"
              opacity={0.15}
            />
          )}
          <CursorLine x={x} frame={{ width, height, margin: MARGIN }} />
          {point && point.value !== null && <Ring at={point.at} value={point.value} x={x} y={y} />}
        </svg>
        {!points.some(({ value }) => value !== null) && (
          <p className="absolute inset-x-12 top-1/3 text-center text-muted">Nothing was measured in this period.</p>
        )}
        {reading.index !== null && (
          <p className="pointer-events-none absolute top-0 right-2 max-w-[85%] rounded-sm border border-control bg-panel px-1.5 text-xs">
            {say(reading.index)}
          </p>
        )}
        <p aria-live="polite" className="sr-only">
          {reading.announced}
        </p>
      </div>
      {words && <p className="pl-[46px] text-xs text-muted">{words}</p>}
    </>
  );
}

/** The scale of all that is drawn in the unit of the points; noise may reach beyond it, and is cut off there. */
function valuesOf(
  points: readonly LinePoint[],
  beside: Beside | null,
  limits: readonly Limit[],
  height: number,
): ValueScale {
  const values = [...points, ...(beside?.points ?? [])]
    .flatMap((p) => [p.value, p.lo ?? null, p.hi ?? null])
    .concat(limits.flatMap((limit) => limit.steps.map((step) => step.value)))
    .filter((value) => value !== null);
  return valueScale(values.length > 0 ? values : [0, 1], height, MARGIN);
}

function Ring({ at, value, x, y }: { at: string; value: number; x: TimeScale; y: ValueScale }) {
  return (
    <circle
      cx={round(x(new Date(at)))}
      cy={round(y(value))}
      r={4}
      fill="none"
      stroke="var(--ink)"
      strokeWidth={2}
      pointerEvents="none"
    />
  );
}

/** All that stands still while somebody reads along: drawn once, whatever the cursor does. */
const Drawing = memo(function Drawing({
  points,
  from,
  to,
  limits,
  beside = null,
  noise = null,
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
            strokeWidth={1.5}
            strokeDasharray="2 3"
          />
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
      <path d={linePath(points, x, y)} fill="none" stroke={tone} strokeWidth={2} strokeLinejoin="round" />
      <Marks points={points} x={x} y={y} tone={tone} />
    </>
  );
});
