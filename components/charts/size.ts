'use client';

import { type RefObject, useEffect, useRef, useState } from 'react';

/** The plot's width at 1440 px, so that the server's drawing is already right on most desks. */
const FIRST_PX = 728;

/** Charts are drawn at their measured width: a scaled drawing shrinks its letters on a phone. */
export function useWidth<E extends HTMLElement>(first = FIRST_PX): [RefObject<E | null>, number] {
  const ref = useRef<E>(null);
  const [width, setWidth] = useState(first);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => {
      const next = Math.floor(entry?.contentRect.width ?? 0);
      if (next > 0) setWidth(next);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}
