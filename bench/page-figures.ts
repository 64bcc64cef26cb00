import type { CDPSession, Page } from '@playwright/test';

export type Vitals = { lcp: number; cls: number; inp: number; tbt: number };
type Held = Vitals & { frames: number[] };
declare global {
  interface Window {
    figures: Held;
  }
}

/**
 * What the browser itself reports, from the first moment of every page: largest paint, shifts, the slowest answer to a key or
 * a click (all of them, where INP would leave out one in fifty), and time beyond 50 ms in long tasks.
 */
export async function watch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const held = { lcp: 0, cls: 0, inp: 0, tbt: 0, frames: [] as number[] };
    window.figures = held;
    const on = (type: string, read: (entry: PerformanceEntry & Record<string, number>) => void, more = {}) =>
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) read(entry as PerformanceEntry & Record<string, number>);
      }).observe({ type, buffered: true, ...more });
    on('largest-contentful-paint', (entry) => {
      held.lcp = entry.startTime;
    });
    on('layout-shift', (entry) => {
      if (!entry.hadRecentInput) held.cls += entry.value ?? 0;
    });
    const answered = (entry: PerformanceEntry & Record<string, number>) => {
      if (entry.interactionId) held.inp = Math.max(held.inp, entry.duration);
    };
    on('event', answered, { durationThreshold: 16 });
    on('first-input', answered);
    on('longtask', (entry) => {
      held.tbt += Math.max(0, entry.duration - 50);
    });
  });
}

export const vitals = (page: Page): Promise<Vitals> =>
  page.evaluate(() => {
    const { lcp, cls, inp, tbt } = window.figures;
    return { lcp, cls, inp, tbt };
  });

/** Bytes of what came over the line so far, as it was sent, in kB; nought for what the cache held. */
export const transferred = (page: Page): Promise<{ js: number; css: number }> =>
  page.evaluate(() => {
    const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    const sum = (wanted: RegExp) =>
      entries.filter(({ name }) => wanted.test(name)).reduce((all, { encodedBodySize }) => all + encodedBodySize, 0);
    return { js: sum(/\.js(\?|$)/) / 1000, css: sum(/\.css(\?|$)/) / 1000 };
  });

export const domNodes = (page: Page): Promise<number> => page.evaluate(() => document.querySelectorAll('*').length);

/** What the loop below takes on an idle core of the machine on which the budgets were set. */
const REFERENCE_MS = 29;
const LOOPS = 30;

/**
 * How much slower than its idle self this machine is just now: the median of a fixed loop, in a page. Whoever else computes here
 * must not make the screen look slow.
 */
export async function busyness(page: Page): Promise<number> {
  const taken = await page.evaluate((loops) => {
    const once = () => {
      const from = performance.now();
      let sum = 0;
      for (let i = 1; i < 4_000_000; i += 1) sum += Math.sqrt(i) % 3;
      return sum > 0 ? performance.now() - from : 0;
    };
    return Array.from({ length: loops }, once);
  }, LOOPS);
  return quantile(taken, 0.5) / REFERENCE_MS;
}

/** A laptop four times slower than this machine, on a line of ten megabits. */
export async function slow(cdp: CDPSession, rate: number): Promise<void> {
  await cdp.send('Emulation.setCPUThrottlingRate', { rate });
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 20,
    downloadThroughput: 10e6 / 8,
    uploadThroughput: 5e6 / 8,
  });
}

/** The 95th percentile of the time between frames while `act` moves the pointer, in milliseconds. */
export async function frames(page: Page, act: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    const { figures } = window;
    figures.frames = [];
    let last = performance.now();
    const tick = () => {
      const now = performance.now();
      figures.frames.push(now - last);
      last = now;
      if (figures.frames.length < 10_000) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await act();
  const taken = await page.evaluate(() => {
    const held = window.figures.frames;
    window.figures.frames = Array.from({ length: 10_000 }, () => 0);
    return held;
  });
  return quantile(taken, 0.95);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Used heap after a forced collection, in MB. */
export async function heapMb(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  return usedSize / 1e6;
}
