'use client';

import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import { setCursor } from './cursor.ts';
import { nearest, type TimeScale } from './kernel.ts';

const JUMP = 10;

/**
 * Reading a chart point by point, with the arrow keys or the pointer. Both move the cursor of all charts; only what the
 * keys reach is announced, and not while a key is held, so that nobody is talked at by a passing mouse.
 */
export function useReading(points: readonly { at: string }[], x: TimeScale, say: (index: number) => string) {
  const [index, setIndex] = useState<number | null>(null);
  const [announced, announce] = useState('');
  const last = points.length - 1;

  const move = (next: number): number => {
    const held = Math.max(0, Math.min(last, next));
    setIndex(held);
    const at = points[held]?.at;
    setCursor(at ? Date.parse(at) : null);
    return held;
  };
  const leave = () => {
    setIndex(null);
    announce('');
    setCursor(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.shiftKey ? JUMP : 1;
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
    const held = move(target);
    if (!event.repeat) announce(say(held));
  };
  const onKeyUp = () => {
    if (index !== null) announce(say(index));
  };
  const onPointerMove = (event: PointerEvent<SVGSVGElement>) => {
    const { left } = event.currentTarget.getBoundingClientRect();
    const found = nearest(points, x.invert(event.clientX - left).getTime());
    if (found >= 0 && found !== index) move(found);
  };
  return { index: index !== null && index <= last ? index : null, announced, leave, onKeyDown, onKeyUp, onPointerMove };
}
