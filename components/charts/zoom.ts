'use client';

import { type PointerEvent, useRef, useState } from 'react';
import { DAY_MS } from '../../lib/base/time.ts';
import type { TimeScale } from './kernel.ts';

export type Zoom = { to: (from: Date, to: Date) => void; back: () => void };

/** Less than this is a click. */
const DRAG_PX = 8;

/** A stretch of time dragged open on a plot, in pixels while it is dragged; a finger scrolls the page instead. */
export function useDrag(x: TimeScale, zoom: Zoom | undefined) {
  const [stretch, setStretch] = useState<{ from: number; to: number } | null>(null);
  const opened = useRef(false);
  const place = (event: PointerEvent<SVGSVGElement>) => {
    const [left = 0, right = 0] = x.range();
    return Math.max(left, Math.min(right, event.clientX - event.currentTarget.getBoundingClientRect().left));
  };
  const onPointerDown = (event: PointerEvent<SVGSVGElement>) => {
    opened.current = false;
    if (!zoom || event.button !== 0 || event.pointerType === 'touch') return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setStretch({ from: place(event), to: place(event) });
  };
  const onPointerMove = (event: PointerEvent<SVGSVGElement>) => {
    if (stretch) setStretch({ ...stretch, to: place(event) });
  };
  const onPointerUp = () => {
    setStretch(null);
    if (!zoom || !stretch || Math.abs(stretch.to - stretch.from) < DRAG_PX) return;
    opened.current = true;
    const [from, to] = [x.invert(Math.min(stretch.from, stretch.to)), x.invert(Math.max(stretch.from, stretch.to))];
    // Windows are days: nothing shorter can be looked at.
    zoom.to(from, new Date(Math.max(to.getTime(), from.getTime() + DAY_MS)));
  };
  const drawn = stretch && Math.abs(stretch.to - stretch.from) >= DRAG_PX ? stretch : null;
  /** Whether the click that follows ended a stretch: then it is no click. */
  const dragged = () => opened.current;
  return { stretch: drawn, cancel: () => setStretch(null), dragged, onPointerDown, onPointerMove, onPointerUp };
}
