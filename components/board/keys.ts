'use client';

import { useEffect, useEffectEvent } from 'react';

const OFF = 'plumbline:single-keys-off';

/** WCAG 2.1.4: single keys can be turned off, for people who speak to their computer. */
export const singleKeysOff = (): boolean => window.localStorage.getItem(OFF) === '1';
export const setSingleKeysOff = (off: boolean): void => {
  if (off) window.localStorage.setItem(OFF, '1');
  else window.localStorage.removeItem(OFF);
};

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** `table` is read at each key: actions by the key's name, and by two keys in a row as `g d`. */
export function useKeys(table: Record<string, () => void>, onMenu: () => void): void {
  const act = useEffectEvent((key: string): boolean => {
    const found = table[key];
    found?.();
    return found !== undefined;
  });
  const menu = useEffectEvent(onMenu);

  useEffect(() => {
    let before = '';
    const onKey = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        menu();
        return;
      }
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || typing(event.target)) return;
      // A dialog is on top: its keys are its own.
      if (document.querySelector('[role="dialog"],[role="menu"]') || singleKeysOff()) return;
      const plain = event.key.length === 1;
      const key = plain ? event.key.toLowerCase() : event.shiftKey ? `shift ${event.key}` : event.key;
      const pair = `${before} ${key}`;
      before = key === 'g' ? 'g' : '';
      const shifted = plain && event.shiftKey && act(`shift ${key}`);
      if (shifted || act(pair) || act(key)) event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
