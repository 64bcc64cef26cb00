'use client';

import { useSyncExternalStore } from 'react';

const KEPT = 'plumbline:tables';
const listeners = new Set<() => void>();
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

const kept = (): string => window.localStorage.getItem(KEPT) ?? '';
const idsIn = (text: string): string[] => text.split(' ').filter(Boolean);

/** Whether a person reads this chart as a table: kept in their browser, so that nobody has to ask for it at every visit. */
export function useAsTable(id: string): [boolean, (on: boolean) => void] {
  const text = useSyncExternalStore(subscribe, kept, () => '');
  const set = (on: boolean) => {
    const others = idsIn(kept()).filter((held) => held !== id);
    window.localStorage.setItem(KEPT, [...others, ...(on ? [id] : [])].join(' '));
    for (const listener of listeners) listener();
  };
  return [idsIn(text).includes(id), set];
}
