'use client';

import { useSyncExternalStore } from 'react';
import { ProblemError } from '../../lib/board/client.ts';
import type { BatchView } from '../../lib/measurements/schema.ts';
import type { UploadKind } from './meanings.ts';
import { sendFile } from './upload.ts';

/** What is being sent, as it is remembered for the case that the page goes. */
export type Sent = { model: string; version: number; kind: UploadKind; name: string; size: number; at: string };
/**
 * One file leaves a page at a time, whatever panel or model is looked at meanwhile. `interrupted`: what this tab was sending when it was
 * left; `arrived`: the last file that the server has, as it was when it came.
 */
type State = {
  sending: (Sent & { sent: number; stop: () => void }) | null;
  interrupted: Sent | null;
  arrived: BatchView | null;
  problem: { model: string; error: ProblemError } | null;
};

const KEY = 'plumbline.sending';
const NOTHING: State = { sending: null, interrupted: null, arrived: null, problem: null };
let state: State | null = null;
const listeners = new Set<() => void>();

function current(): State {
  state ??= { ...NOTHING, interrupted: remembered() };
  return state;
}
function set(change: Partial<State>): void {
  state = { ...current(), ...change };
  for (const listener of listeners) listener();
}

/** Where storage is closed to the page, an interruption is only not told. */
function remembered(): Sent | null {
  try {
    const text = sessionStorage.getItem(KEY);
    return text ? (JSON.parse(text) as Sent) : null;
  } catch {
    return null;
  }
}
function remember(sent: Sent | null): void {
  try {
    if (sent) sessionStorage.setItem(KEY, JSON.stringify(sent));
    else sessionStorage.removeItem(KEY);
  } catch {
    // See above.
  }
}

export const useSending = (): State =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    current,
    () => NOTHING,
  );

export function forgetInterrupted(): void {
  remember(null);
  set({ interrupted: null });
}
export const forgetOutcome = (): void => set({ problem: null, arrived: null });

/** Sends a file; resolves when the server has it or it failed, which `useSending` tells. */
export async function startSending(sent: Omit<Sent, 'at' | 'name' | 'size'>, path: string, file: File): Promise<void> {
  const controller = new AbortController();
  const noted = { ...sent, name: file.name, size: file.size, at: new Date().toISOString() };
  remember(noted);
  const at = (bytes: number) => set({ sending: { ...noted, sent: bytes, stop: () => controller.abort() } });
  set({ interrupted: null, arrived: null, problem: null });
  at(0);
  try {
    const method = sent.kind === 'reference' ? 'PUT' : 'POST';
    const answer = await sendFile(method, path, file, at, controller.signal);
    set({ arrived: answer as unknown as BatchView });
  } catch (error) {
    const told = error instanceof ProblemError ? error : new ProblemError(0, { detail: 'The file could not be sent.' });
    set({ problem: { model: sent.model, error: told } });
  }
  remember(null);
  set({ sending: null });
}
