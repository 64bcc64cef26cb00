'use client';

import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from 'react';
import { DAY_MS } from '../../lib/base/time.ts';
import { linePath, type Margin, type Plotted, round, timeScale, valueScale } from './kernel.ts';
import { sample } from './sample.ts';
import { useWidth } from './size.ts';

const HEIGHT = 24;
/** A grip stands outside the stretch it moves, so that the two never lie on one another; this is their room. */
const GRIP_PX = 24;
const MARGIN: Margin = { top: 2, right: GRIP_PX, bottom: 2, left: GRIP_PX };
const JUMP_DAYS = 10;

type Span = { from: Date; to: Date };
type Part = 'from' | 'to' | 'both';
type Props = {
  points: readonly Plotted[];
  /** The whole of the strip. */
  extent: Span;
  /** The stretch that all charts show. */
  span: Span;
  format: (at: Date) => string;
  /** Called once a drag, and once for each time a key is let go. */
  onChange: (span: Span, how: 'drag' | 'keys') => void;
  /** The same without dragging. */
  children: ReactNode;
};

const later = (at: Date, ms: number) => new Date(at.getTime() + ms);

/** `part` of the stretch moved by so much, inside the extent and never shorter than a day. */
function moved({ from, to }: Span, part: Part, ms: number, extent: Span): Span {
  const between = (at: number, low: number, high: number) => new Date(Math.max(low, Math.min(high, at)));
  const [first, last] = [extent.from.getTime(), extent.to.getTime()];
  if (part === 'from') return { from: between(from.getTime() + ms, first, to.getTime() - DAY_MS), to };
  if (part === 'to') return { from, to: between(to.getTime() + ms, from.getTime() + DAY_MS, last) };
  const by = Math.max(first - from.getTime(), Math.min(last - to.getTime(), ms));
  return { from: later(from, by), to: later(to, by) };
}

/** The whole history as a strip, with the stretch that all charts show: its ends and the stretch itself can be moved. */
export function Overview({ points, extent, span, format, onChange, children }: Props) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [draft, setDraft] = useState<Span | null>(null);
  const [drag, setDrag] = useState<{ part: Part; x: number; span: Span } | null>(null);
  const x = timeScale(extent.from.toISOString(), extent.to.toISOString(), width, MARGIN).clamp(true);
  const { from, to } = draft ?? span;
  const [left, right] = [round(x(from)), round(x(to))];
  const values = points.flatMap(({ value }) => value ?? []);
  const y = valueScale(values.length > 0 ? values : [0, 1], HEIGHT, MARGIN);
  const inside = points.filter(({ at }) => new Date(at) >= extent.from && new Date(at) <= extent.to);
  const shown = sample(inside, width).places.flatMap((place) => inside[place] ?? []);

  const grab = (part: Part) => (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ part, x: event.clientX, span: { from, to } });
  };
  const pull = (event: PointerEvent<HTMLElement>) => {
    if (!drag) return;
    const ms =
      ((event.clientX - drag.x) / Math.max(1, width - 2 * GRIP_PX)) * (extent.to.getTime() - extent.from.getTime());
    setDraft(moved(drag.span, drag.part, ms, extent));
  };
  const giveUp = () => {
    setDrag(null);
    setDraft(null);
  };
  const settle = (how: 'drag' | 'keys') => {
    giveUp();
    if (draft) onChange(draft, how);
  };
  const onKeyDown = (part: Part) => (event: KeyboardEvent) => {
    if (event.key === 'Escape') return giveUp();
    const days = event.shiftKey ? JUMP_DAYS : 1;
    const far = extent.to.getTime() - extent.from.getTime();
    const steps: Record<string, number> = {
      ArrowRight: days * DAY_MS,
      ArrowUp: days * DAY_MS,
      ArrowLeft: -days * DAY_MS,
      ArrowDown: -days * DAY_MS,
      PageUp: JUMP_DAYS * DAY_MS,
      PageDown: -JUMP_DAYS * DAY_MS,
      Home: -far,
      End: far,
    };
    const ms = steps[event.key];
    if (ms === undefined) return;
    event.preventDefault();
    setDraft(moved({ from, to }, part, ms, extent));
  };
  const grips = [
    { part: 'from', at: from, place: left - GRIP_PX, name: 'Period starts', low: extent.from, high: to },
    { part: 'to', at: to, place: right, name: 'Period ends', low: from, high: extent.to },
  ] as const;

  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
      {/* biome-ignore lint/a11y/useSemanticElements: two handles on a time axis are no form */}
      <div
        ref={box}
        role="group"
        aria-label="Period of all charts"
        className="relative h-6 min-w-64 flex-1 touch-none select-none"
      >
        <svg aria-hidden width={width} height={HEIGHT} className="absolute inset-0">
          <rect x={GRIP_PX} width={Math.max(0, width - 2 * GRIP_PX)} height={HEIGHT} fill="var(--raised)" rx={3} />
          <rect x={left} width={Math.max(2, right - left)} height={HEIGHT} fill="var(--live)" opacity={0.18} />
          <path d={linePath(shown, x, y)} fill="none" stroke="var(--muted)" strokeWidth={1} />
        </svg>
        <span
          aria-hidden
          data-stretch
          onPointerDown={grab('both')}
          onPointerMove={pull}
          onPointerUp={() => settle('drag')}
          onPointerCancel={giveUp}
          className="absolute inset-y-0 cursor-grab"
          style={{ left, width: Math.max(2, right - left) }}
        />
        {grips.map(({ part, at, place, name, low, high }) => (
          <span
            key={part}
            role="slider"
            tabIndex={0}
            aria-label={name}
            aria-valuemin={low.getTime() / DAY_MS}
            aria-valuemax={high.getTime() / DAY_MS}
            aria-valuenow={at.getTime() / DAY_MS}
            aria-valuetext={format(at)}
            title={`${name}: ${format(at)}`}
            onPointerDown={grab(part)}
            onPointerMove={pull}
            onPointerUp={() => settle('drag')}
            onPointerCancel={giveUp}
            onKeyDown={onKeyDown(part)}
            onKeyUp={() => settle('keys')}
            onBlur={() => settle('keys')}
            className="absolute top-0 flex size-6 cursor-ew-resize items-center justify-center rounded-sm border border-control bg-panel"
            style={{ left: place }}
          >
            <span aria-hidden className="h-3 w-1 border-x border-control" />
          </span>
        ))}
        {draft && (
          <span className="pointer-events-none absolute -top-5 right-0 z-10 rounded-sm border border-control bg-panel px-1.5 text-xs">
            {format(from)} to {format(to)}
          </span>
        )}
      </div>
      {children}
    </div>
  );
}
