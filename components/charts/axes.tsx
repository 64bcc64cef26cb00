'use client';

import { useCursor } from './cursor.ts';
import type { Margin, TimeScale, ValueScale } from './kernel.ts';
import { round } from './kernel.ts';

type Frame = { width: number; height: number; margin: Margin };

export function ValueAxis({
  y,
  frame,
  format,
  ticks = 4,
}: {
  y: ValueScale;
  frame: Frame;
  format: (value: number) => string;
  ticks?: number;
}) {
  return (
    <g>
      {y.ticks(ticks).map((tick) => (
        <g key={tick} transform={`translate(0,${round(y(tick))})`}>
          <line x1={frame.margin.left} x2={frame.width - frame.margin.right} stroke="var(--line)" />
          <text x={frame.margin.left - 6} dy="0.32em" textAnchor="end" fontSize={11} fill="var(--muted)">
            {format(tick)}
          </text>
        </g>
      ))}
    </g>
  );
}

/** Ends of the range and evenly spaced moments between: the range is whatever the window says, not what data fills. */
export function TimeAxis({
  x,
  frame,
  format,
}: {
  x: TimeScale;
  frame: Frame;
  format: (at: Date, apart: number) => string;
}) {
  const [from, to] = x.domain();
  if (!from || !to) return null;
  const wanted = Math.max(2, Math.min(6, Math.floor(frame.width / 120)));
  const step = (to.getTime() - from.getTime()) / (wanted - 1);
  return (
    <g>
      {Array.from({ length: wanted }, (_, i) => new Date(from.getTime() + i * step)).map((at, i) => (
        <text
          key={at.getTime()}
          x={round(x(at))}
          y={frame.height - 4}
          textAnchor={i === 0 ? 'start' : i === wanted - 1 ? 'end' : 'middle'}
          fontSize={11}
          fill="var(--muted)"
        >
          {format(at, step)}
        </text>
      ))}
    </g>
  );
}

const FLAG_PX = 4;

/** The moment that is pinned: a full line with a flag, where the cursor's is dashed. */
export function PinLine({ at, x, frame }: { at: string; x: TimeScale; frame: Frame }) {
  const [left = 0, right = 0] = x.range();
  const place = round(x(new Date(at)));
  if (place < left || place > right) return null;
  const top = frame.margin.top;
  return (
    <g data-pin={at} pointerEvents="none">
      <line
        x1={place}
        x2={place}
        y1={top}
        y2={frame.height - frame.margin.bottom}
        stroke="var(--ink)"
        strokeWidth={1.5}
      />
      <path
        d={`M${round(place - FLAG_PX)},${top - FLAG_PX}h${2 * FLAG_PX}l-${FLAG_PX},${FLAG_PX + 2}z`}
        fill="var(--ink)"
      />
    </g>
  );
}

export function CursorLine({ x, frame }: { x: TimeScale; frame: Frame }) {
  const at = useCursor();
  if (at === null) return null;
  const [left = 0, right = 0] = x.range();
  const place = x(new Date(at));
  if (place < left || place > right) return null;
  return (
    <line
      x1={round(place)}
      x2={round(place)}
      y1={frame.margin.top}
      y2={frame.height - frame.margin.bottom}
      stroke="var(--ink)"
      strokeWidth={1}
      strokeDasharray="2 2"
      pointerEvents="none"
    />
  );
}
