'use client';

import { type RefObject, useEffect, useRef, useState } from 'react';

/** The plot's width at 1440 px, so that the server's drawing is already right on most desks. */
const FIRST_PX = 728;

type Size = { width: number; height: number };

/** Charts are drawn at their measured size: a scaled drawing shrinks its letters on a phone. */
export function useSize<E extends HTMLElement>(first: Size): [RefObject<E | null>, Size] {
  const ref = useRef<E>(null);
  const [size, setSize] = useState(first);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      // Nothing is drawn anew for a part that is hidden just now.
      if (width > 0) setSize({ width: Math.floor(width), height: Math.floor(height) });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, size];
}

export function useWidth<E extends HTMLElement>(): [RefObject<E | null>, number] {
  const [ref, { width }] = useSize<E>({ width: FIRST_PX, height: 0 });
  return [ref, width];
}
