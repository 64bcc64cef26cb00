'use client';

import { type MouseEvent, type ReactNode, useMemo, useRef } from 'react';
import { CursorLine, PinLine } from './axes.tsx';
import { type Beside, Drawing, type Drawn, type Limit, MARGIN } from './drawing.tsx';
import {
  type LinePoint,
  logScale,
  nearest,
  round,
  type TimeScale,
  timeScale,
  type ValueScale,
  valueScale,
} from './kernel.ts';
import { useReading } from './reading.ts';
import { sample, sampledWords } from './sample.ts';
import { useWidth } from './size.ts';
import { useDrag, type Zoom } from './zoom.ts';

/** The moment all panels show: `to` pins one, and lets it go where it is pinned already. */
export type Pin = { at: string | null; to: (at: string | null) => void };

type Props = Drawn & {
  name: string;
  /** Moments whose windows are drawn however many windows there are, such as those of events. */
  moments?: readonly string[];
  zoom?: Zoom;
  pin?: Pin;
  /** Draws the values on a logarithmic axis. */
  log?: boolean;
  /** More values that the axis must hold, such as those of the charts beside it. */
  scaleOf?: readonly number[];
  /** Lies on the plot and is no part of its reading, such as a limit that is being moved. */
  overlay?: ((y: ValueScale) => ReactNode) | undefined;
  /** Stands in the plot where nothing was measured; its axes stay. */
  empty?: ReactNode;
  /** One point in words, for the reader of the screen and the readout alike. */
  say: (index: number) => string;
};

const NONE: readonly string[] = [];
const NO_MARKS: readonly LinePoint[] = [];
const NO_VALUES: readonly number[] = [];

export function LineChart({
  name,
  points,
  moments = NONE,
  zoom,
  pin,
  log = false,
  scaleOf = NO_VALUES,
  overlay,
  empty = null,
  say,
  ...drawn
}: Props) {
  const [box, width] = useWidth<HTMLDivElement>();
  const { from, to, height, beside = null, limits, marks = NO_MARKS } = drawn;
  const x = timeScale(from, to, width, MARGIN);
  const y = useMemo(() => {
    const values = [...valuesOf(points, beside, limits, marks), ...scaleOf];
    return log ? logScale(values, height, MARGIN) : valueScale(values.length > 0 ? values : [0, 1], height, MARGIN);
  }, [points, beside, limits, marks, scaleOf, height, log]);
  const reading = useReading(points, x, say);
  const drag = useDrag(x, zoom);
  const { shown, words } = useMemo(() => {
    const events = moments.filter((at) => at >= from && at <= to).map((at) => nearest(points, Date.parse(at)));
    const sampled = sample(points, width - MARGIN.left - MARGIN.right, new Set(events));
    return { shown: sampled.places.flatMap((place) => points[place] ?? []), words: sampledWords(sampled) };
  }, [points, moments, from, to, width]);
  const point = reading.index === null ? undefined : points[reading.index];
  const pinned = pin?.at ? pinnedIndex(points, pin.at) : -1;
  // What is read must not cover the point it is about.
  const inRightHalf = (of: LinePoint | undefined) => of !== undefined && x(new Date(of.at)) > width / 2;
  // A double click begins with two clicks: what they pinned is let go when it turns out to be one.
  const before = useRef<string | null>(null);
  const pinAt = (index: number) => {
    const at = points[index]?.at;
    if (at) pin?.to(at);
  };

  return (
    <>
      <div ref={box} className="relative min-w-0 shrink-0 overflow-hidden" style={{ height }}>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be drawn in */}
        <svg
          role="group"
          aria-label={`${name}. Arrow keys read one point after the other.${pin ? ' Enter pins one.' : ''}${zoom ? ' Drag to look closer, Z to go back.' : ''}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the chart is read with the arrow keys
          tabIndex={0}
          width={width}
          height={height}
          onKeyDown={(event) => {
            if (event.key === 'Escape') {
              drag.cancel();
              // The first Escape puts the cursor away, the next one lets go of the pin; on the pin itself they are one.
              if (point && !samePlace(point.at, pin?.at)) event.preventDefault();
            }
            if (event.key === 'Enter' && reading.index !== null) {
              event.preventDefault();
              pinAt(reading.index);
            }
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
          onClick={(event) => {
            if (!pin || event.detail > 1 || drag.dragged()) return;
            before.current = pin.at;
            pinAt(nearest(points, x.invert(offsetOf(event)).getTime()));
          }}
          onDoubleClick={() => {
            if (pin && !samePlace(before.current, pin.at)) pin.to(before.current);
            zoom?.back();
          }}
          className={`block rounded-sm -outline-offset-2 select-none focus:not-focus-visible:outline-none ${zoom ? 'cursor-crosshair' : ''}`}
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
          {pin?.at && <PinLine at={pin.at} x={x} frame={{ width, height, margin: MARGIN }} />}
          <CursorLine x={x} frame={{ width, height, margin: MARGIN }} />
          {point && point.value !== null && <Ring at={point.at} value={point.value} x={x} y={y} />}
        </svg>
        {!points.some(({ value }) => value !== null) && (
          <div className="pointer-events-none absolute inset-x-12 top-1/4 text-center text-muted *:pointer-events-auto">
            {empty || <p className="mx-auto w-fit bg-panel px-2">Nothing was measured in this period.</p>}
          </div>
        )}
        {pinned >= 0 && (
          // On the axis under its pin: there it covers no figure, and nothing around the plot has to move for it.
          <p
            data-pinned
            className={`pointer-events-none absolute bottom-0 max-w-[75%] truncate rounded-sm border border-ink bg-panel px-1.5 text-xs leading-4 ${inRightHalf(points[pinned]) ? 'right-2' : 'left-[46px]'}`}
          >
            {say(pinned)}
          </p>
        )}
        {reading.index !== null && reading.index !== pinned && (
          <p
            data-read
            className={`pointer-events-none absolute top-0 max-w-[85%] rounded-sm border border-control bg-panel px-1.5 text-xs ${inRightHalf(point) ? 'left-12' : 'right-2'}`}
          >
            {say(reading.index)}
          </p>
        )}
        {overlay?.(y)}
        <p aria-live="polite" className="sr-only">
          {reading.announced}
        </p>
      </div>
      {words && <p className="pl-[46px] text-xs text-muted">{words}</p>}
    </>
  );
}

/** The window that holds a moment: the first that ends there or later; none after the last or long before the first. */
function pinnedIndex(points: readonly { at: string }[], at: string): number {
  const moment = Date.parse(at);
  const found = points.findIndex((point) => Date.parse(point.at) >= moment);
  return found === 0 && !samePlace(points[0]?.at, at) ? -1 : found;
}

/** Two spellings of one moment, one of them to the minute. */
const samePlace = (one: string | null | undefined, other: string | null | undefined): boolean =>
  one && other ? Math.abs(Date.parse(one) - Date.parse(other)) < 60_000 : one === other;

const offsetOf = (event: MouseEvent<SVGSVGElement>): number =>
  event.clientX - event.currentTarget.getBoundingClientRect().left;

/** All that is drawn in the unit of the points; noise may reach beyond it, and is cut off there. */
export const valuesOf = (
  points: readonly LinePoint[],
  beside: Beside | null,
  limits: readonly Limit[],
  marks: readonly LinePoint[] = NO_MARKS,
): number[] =>
  [...points, ...(beside?.points ?? []), ...marks]
    .flatMap((p) => [p.value, p.lo ?? null, p.hi ?? null])
    .concat(limits.flatMap((limit) => limit.steps.map((step) => step.value)))
    .filter((value) => value !== null);

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
