'use client';

import { useEffect, useEffectEvent } from 'react';

type Step = (by: 1 | -1) => void;
let held: Step | null = null;

/** The next event on the time axis, or the one before it; nothing where no axis is on the screen. */
export function stepEvents(by: 1 | -1): void {
  held?.(by);
}

/** The lane that is on the screen answers the keys: they work from anywhere, and there is one lane at a time. */
export function useEventSteps(step: Step): void {
  const answer = useEffectEvent(step);
  useEffect(() => {
    const mine: Step = (by) => answer(by);
    held = mine;
    return () => {
      if (held === mine) held = null;
    };
  }, []);
}
