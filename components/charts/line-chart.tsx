'use client';

import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import { CursorLine, TimeAxis, ValueAxis } from './axes.tsx';
import { setCursor } from './cursor.ts';
import {
  bandPath,
  linePath,
  lonely,
  type Margin,
  nearest,
  type Plotted,
  round,
  stepPath,
  timeScale,
  valueScale,
} from './kernel.ts';
import { useWidth } from './size.ts';

export type LinePoint = Plotted & { over?: boolean; hollow?: boolean };
/** A second series in the same unit: drawn thin and dotted, so that nobody takes it for the measured one. */
type Beside = { name: string; tone: string; points: readonly Plotted[] };
type Limit = { name: string; tone: string; dashes: string; steps: { at: string; value: number | null }[] };

type Props = {
  name: string;
  points: readonly LinePoint[];
  from: string;
  to: string;
  limits: Limit[];
  beside?: Beside | null;
  /** On which side of the last limit the trouble lies; shaded so lightly that the line stays the subject. */
  bad?: 'above' | 'below';
  height: number;
  tone?: string;
  format: (value: number) => string;
  formatTime: (at: Date) => string;
  /** One point in words, for the reader of the screen and the readout alike. */
  say: (index: number) => string;
};

const MARGIN: Margin = { top: 8, right: 8, bottom: 20, left: 46 };
const JUMP = 10;

export function LineChart({
  name,
  points,
  from,
  to,
  limits,
  beside = null,
  bad,
  height,
  tone = 'var(--live)',
  format,
  formatTime,
  say,
}: Props) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [index, setIndex] = useState<number | null>(null);
  const frame = { width, height, margin: MARGIN };
  const x = timeScale(from, to, width, MARGIN);
  const values = [...points, ...(beside?.points ?? [])]
    .flatMap((p) => [p.value, p.lo ?? null, p.hi ?? null])
    .filter((value) => value !== null);
  const limitValues = limits
    .flatMap((limit) => limit.steps.map((step) => step.value))
    .filter((value) => value !== null);
  const y = valueScale([...values, ...limitValues].length > 0 ? [...values, ...limitValues] : [0, 1], height, MARGIN);
  const worst = limits.at(-1)?.steps.at(-1)?.value ?? null;
  const plotTop = MARGIN.top;
  const plotEnd = height - MARGIN.bottom;

  const point = index === null ? undefined : points[index];
  const move = (next: number) => {
    const held = Math.max(0, Math.min(points.length - 1, next));
    setIndex(held);
    const at = points[held]?.at;
    setCursor(at ? Date.parse(at) : null);
  };
  const onPointer = (event: PointerEvent<SVGSVGElement>) => {
    const left = event.currentTarget.getBoundingClientRect().left;
    const found = nearest(points, x.invert(event.clientX - left).getTime());
    if (found >= 0 && found !== index) move(found);
  };
  const leave = () => {
    setIndex(null);
    setCursor(null);
  };
  const onKey = (event: KeyboardEvent) => {
    const by = event.shiftKey ? JUMP : 1;
    const last = points.length - 1;
    const targets: Record<string, number> = {
      ArrowRight: (index ?? -1) + by,
      ArrowLeft: (index ?? last + 1) - by,
      Home: 0,
      End: last,
    };
    if (event.key === 'Escape') return leave();
    const target = targets[event.key];
    if (target === undefined || last < 0) return;
    event.preventDefault();
    move(target);
  };

  return (
    <div ref={box} className="relative min-w-0 overflow-hidden" style={{ height }}>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be drawn in */}
      <svg
        role="group"
        aria-label={`${name}. Arrow keys read one point after the other.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the chart is read with the arrow keys
        tabIndex={0}
        width={width}
        height={height}
        onKeyDown={onKey}
        onBlur={leave}
        onPointerMove={onPointer}
        onPointerLeave={leave}
        className="block rounded-sm"
      >
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
        {lonely(points).map((p) => (
          <circle key={p.at} cx={round(x(new Date(p.at)))} cy={round(y(p.value ?? 0))} r={2.5} fill={tone} />
        ))}
        {points.map((p) => {
          if (p.value === null || !(p.over || p.hollow)) return null;
          const [cx, cy] = [round(x(new Date(p.at))), round(y(p.value))];
          return p.over ? (
            <rect key={p.at} x={cx - 3} y={cy - 3} width={6} height={6} fill="var(--breach)" />
          ) : (
            <circle key={p.at} cx={cx} cy={cy} r={3} fill="var(--panel)" stroke="var(--nodata)" strokeWidth={1.5} />
          );
        })}
        <CursorLine x={x} frame={frame} />
        {point && point.value !== null && (
          <circle
            cx={round(x(new Date(point.at)))}
            cy={round(y(point.value))}
            r={4}
            fill="none"
            stroke="var(--ink)"
            strokeWidth={2}
            pointerEvents="none"
          />
        )}
      </svg>
      {values.length === 0 && (
        <p className="absolute inset-x-12 top-1/3 text-center text-muted">Nothing was measured in this period.</p>
      )}
      <p
        aria-live="polite"
        className="pointer-events-none absolute top-0 right-2 max-w-[85%] rounded-sm border border-control bg-panel px-1.5 text-xs empty:hidden"
      >
        {index === null ? '' : say(index)}
      </p>
    </div>
  );
}
