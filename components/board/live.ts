'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

/** A burst of changes is one read: the commands of one job arrive within this time. */
const GATHER_MS = 250;
/** The server's heartbeat is 20 s; two missed ones and a line that only looks open is taken for dead. */
const SILENCE_MS = 45_000;
/** Soon enough that what was missed is on the screen two seconds after the line is back. */
const RETRY_MS = 1000;

export type LiveState = { connected: boolean; since: string | null };

/**
 * Listens for changes; says honestly since when it could not, and reads everything again once it can.
 * @param shown the position that what is on the screen at first includes: what came after it is told
 */
export function useLive(shown: number): LiveState {
  const queries = useQueryClient();
  const [state, setState] = useState<LiveState>({ connected: true, since: null });
  const heardOf = useRef(shown);

  useEffect(() => {
    let source: EventSource | null = null;
    let gather: ReturnType<typeof setTimeout> | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let lastHeard = Date.now();
    let beats = false;
    let lost = false;

    let changed = false;
    let ended = false;

    /** One read at a time, to its end: changes that never cease would each break off the read of the one before. */
    const read = async () => {
      changed = false;
      const began = Date.now();
      await queries.invalidateQueries({ queryKey: ['board'] });
      if (ended) return;
      // Who takes long to answer is asked no more than half the time.
      gather = setTimeout(() => {
        gather = undefined;
        if (changed) refresh();
      }, Date.now() - began);
    };
    const refresh = () => {
      changed = true;
      gather ??= setTimeout(read, GATHER_MS);
    };
    const heard = () => {
      lastHeard = Date.now();
      if (!lost) return;
      lost = false;
      setState({ connected: true, since: null });
      refresh();
    };
    const drop = () => {
      source?.close();
      source = null;
      if (!lost) {
        lost = true;
        setState({ connected: false, since: new Date(lastHeard).toISOString() });
      }
      clearTimeout(retry);
      retry = setTimeout(connect, RETRY_MS);
    };
    const connect = () => {
      clearTimeout(retry);
      source?.close();
      source = new EventSource(`/api/v1/live?after=${heardOf.current}`);
      source.onopen = heard;
      source.onerror = drop;
      source.addEventListener('change', ({ lastEventId }) => {
        heardOf.current = Number(lastEventId);
        heard();
        refresh();
      });
      source.addEventListener('heartbeat', () => {
        beats = true;
        heard();
      });
    };
    const watchdog = setInterval(() => {
      if (beats && source && Date.now() - lastHeard > SILENCE_MS) drop();
    }, 5000);
    connect();
    window.addEventListener('offline', drop);
    window.addEventListener('online', connect);
    return () => {
      ended = true;
      source?.close();
      clearTimeout(gather);
      clearTimeout(retry);
      clearInterval(watchdog);
      window.removeEventListener('offline', drop);
      window.removeEventListener('online', connect);
    };
  }, [queries]);

  return state;
}
