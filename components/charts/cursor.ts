'use client';

import { useSyncExternalStore } from 'react';

let held: number | null = null;
const listeners = new Set<() => void>();

/** One moment for all charts. Outside React, so that moving the pointer renders only the thin cursor lines. */
export function setCursor(at: number | null): void {
  if (at === held) return;
  held = at;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const useCursor = (): number | null =>
  useSyncExternalStore(
    subscribe,
    () => held,
    () => null,
  );
