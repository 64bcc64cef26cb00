import { useSyncExternalStore } from 'react';

/** The limit in the fields of the editor that is open, before it is saved. */
export type DraftLimit = {
  kpi: string;
  value: number;
  saved: number;
  /** What the limit would have done on the windows of the chart, in words. */
  outcome: string;
  /** Writes to the same field as the keyboard does. */
  set: (value: number) => void;
};

let held: DraftLimit | null = null;
const listeners = new Set<() => void>();

/** Outside React, so that a limit under somebody's hand renders its line and the fields, and not the chart. */
export function showDraftLimit(next: DraftLimit | null): void {
  held = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** The draft of this goal's limit; null where nobody edits it here, or nobody may. */
export function useDraftLimit(kpi: string): DraftLimit | null {
  const draft = useSyncExternalStore(
    subscribe,
    () => held,
    () => null,
  );
  return draft?.kpi === kpi ? draft : null;
}
