import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addMs, DAY_MS, HOUR_MS } from '../base/time.ts';
import { numericBins } from '../measurements/bins.ts';
import { emptyColumn, packCounts, sumColumns } from '../measurements/counts.ts';
import type { ColumnCounts, PerformanceState, ReferenceProfile } from '../measurements/schema.ts';
import { calendar } from '../measurements/windows.ts';
import { compareColumn } from './compare.ts';
import { type DayPart, daySeries, type Figure, performanceFigure, psiFigure, rowsFigure } from './day-series.ts';

/** Around two clock changes: days of 23, 24 and 25 hours. */
const FIRSTS = ['2026-03-24T12:00:00Z', '2026-10-20T12:00:00Z'].map((at) => Date.parse(at));
const { at: dayOf } = calendar('day', 'Europe/Berlin');
const bins = numericBins(Float64Array.from({ length: 40 }, (_, i) => i));
const size = bins.edges.length + 1;

function columnOf(seed: number, rows: number): ColumnCounts {
  const counts = new Array<number>(size).fill(0);
  for (let i = 0; i < rows; i++) counts[(i * seed) % size]! += 1;
  return { ...emptyColumn(bins), counts: packCounts(counts) };
}

const profileOf = (seed: number) =>
  ({
    columns: ['x', 'y'].map((name) => ({
      name,
      role: 'feature',
      kind: 'numeric',
      bins,
      counts: columnOf(seed, 4_000),
      median: null,
    })),
  }) as unknown as ReferenceProfile;
const profiles = new Map([1, 2].map((version) => [version, profileOf(version)]));

type Seed = { day: number; version: number; n: number; loss: number; labelled: boolean; lacks: boolean };

function stateOf({ n, loss }: Seed): PerformanceState {
  const confusion = { tp: n, fp: n % 3, tn: n % 5, fn: n % 7 };
  const scores = { positive: packCounts([n, n % 4, 1]), negative: packCounts([1, n % 6, n]) };
  return { task: 'binary', n, labelled: n, confusion, scores, brier: { n, sum: loss * n, sum2: loss * loss * n } };
}

/** Parts ascending in start, as they are read, those of a day as they came. */
function partsOf(seeds: readonly Seed[], first: number, partOf: (seed: Seed) => unknown): DayPart[] {
  const parts = seeds.map((seed): DayPart => {
    const { start, end } = dayOf(first + seed.day * DAY_MS);
    return { version: seed.version, start: new Date(start), end: new Date(end), n: seed.n, part: partOf(seed) };
  });
  return parts.sort((a, b) => a.start.getTime() - b.start.getTime());
}

const performancePart = (seed: Seed) => (seed.labelled ? stateOf(seed) : null);
const columnsPart = (seed: Seed) => ({
  x: columnOf(1 + (seed.n % 6), seed.n * 40),
  y: seed.lacks ? null : columnOf(1 + (seed.n % 4), seed.n * 40),
});

function seedOf(loss: fc.Arbitrary<number>, lastDay = 14) {
  return fc.record({
    day: fc.integer({ min: 0, max: lastDay }),
    version: fc.integer({ min: 1, max: 3 }),
    n: fc.integer({ min: 1, max: 60 }),
    loss,
    labelled: fc.boolean(),
    lacks: fc.boolean(),
  });
}
/** Sums of 64ths are exact in any order: the definition adds them in another. */
const exact = fc.integer({ min: 0, max: 64 }).map((share) => share / 64);

/** The definition: every point looks at every part, and sums those of its window anew. */
function plainly<S>(parts: readonly DayPart[], days: number, servedAt: (at: Date) => number | null, figure: Figure<S>) {
  const ends = new Map<number, Date>();
  let last: DayPart | undefined;
  for (const part of parts) {
    let open = last?.end;
    while (open && part.start.getTime() - open.getTime() >= DAY_MS / 2) {
      open = new Date(Math.min(open.getTime() + DAY_MS, part.start.getTime()));
      ends.set(open.getTime(), open);
    }
    ends.set(part.end.getTime(), part.end);
    last = part;
  }
  return [...ends.values()].map((end) => {
    const after = new Date(end.getTime() - days * DAY_MS + DAY_MS / 2);
    const inWindow = parts.filter((part) => part.end > after && part.end <= end);
    const served = servedAt(end);
    const version = inWindow.some((part) => part.version === served)
      ? served
      : inWindow.reduce<number | null>((top, part) => Math.max(top ?? 0, part.version), null);
    const at = end.toISOString();
    if (version === null) return { at, value: null, lo: null, hi: null, n: 0, positives: null };
    const mine = inWindow.filter((part) => part.version === version);
    const sums = mine.map(({ part }) => figure.of(part, version)).filter((sum) => sum !== null) as S[];
    const sum = sums.length ? sums.reduce((a, b) => figure.sum([a, b])) : null;
    return { at, ...figure.read({ version, n: mine.reduce((n, part) => n + part.n, 0), sum }) };
  });
}

const servings = fc.constantFrom<(at: Date) => number | null>(
  () => null,
  () => 1,
  () => 3,
  (at) => ((at.getTime() / DAY_MS) % 6 < 3 ? 1 : 2),
);

describe('the series of a goal', () => {
  function agrees<S>(figure: Figure<S>, partOf: (seed: Seed) => unknown, numRuns: number) {
    const seeds = fc.array(seedOf(exact), { maxLength: 60 });
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 1, max: 9 }),
        servings,
        fc.constantFrom(...FIRSTS),
        (held, days, servedAt, first) => {
          const parts = partsOf(held, first, partOf);
          expect(daySeries(parts, days, servedAt, figure)).toEqual(plainly(parts, days, servedAt, figure));
        },
      ),
      { numRuns, seed: 31 },
    );
  }

  it.each(['roc_auc', 'accuracy', 'brier'] as const)('is what every window on its own says of %s', (name) => {
    agrees(performanceFigure(name), performancePart, 200);
  });

  it('is what every window on its own says of rows', () => {
    agrees(rowsFigure, () => null, 300);
  });

  it.each(['x', 'y', 'max', 'unknown'])('is what every window on its own says of the PSI of %s', (wanted) => {
    agrees(psiFigure(profiles, wanted), columnsPart, 60);
  });

  it.each(['x', 'y', 'max'])('is of the PSI of %s what a comparison of all counts of the window says', (wanted) => {
    const seeds = fc.array(seedOf(exact, 3), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(seeds, (held) => {
        const parts = partsOf(held, FIRSTS[0]!, columnsPart).map((part) => ({ ...part, version: 1 }));
        const { columns } = profiles.get(1)!;
        const values = columns.flatMap((column) => {
          const counts = parts.flatMap(
            ({ part }) => (part as ReturnType<typeof columnsPart>)[column.name as 'x'] ?? [],
          );
          if (counts.length === 0 || (wanted !== 'max' && column.name !== wanted)) return [];
          const { state, psi } = compareColumn(column, sumColumns(counts), columns.length);
          return state === 'too_few' ? [] : [psi];
        });
        const last = daySeries(parts, 9, () => 1, psiFigure(profiles, wanted)).at(-1)!;
        expect(last.value).toBe(values.length ? Math.max(...values) : null);
      }),
      { numRuns: 100, seed: 41 },
    );
  });

  it('finds a change of a column, and none where nothing changed', () => {
    const psi = (x: ColumnCounts) => {
      const [start, end] = [new Date(FIRSTS[0]!), new Date(FIRSTS[0]! + DAY_MS)];
      const part = { version: 1, start, end, n: 4_000, part: { x } };
      return daySeries([part], 7, () => 1, psiFigure(profiles, 'x'))[0]!.value;
    };
    expect(psi(columnOf(1, 4_000))).toBeCloseTo(0, 6);
    expect(psi(columnOf(1, 8))).toBeNull();
    expect(
      psi({ ...emptyColumn(bins), counts: packCounts(Array.from({ length: size }, (_, i) => i * 10)) }),
    ).toBeGreaterThan(0.1);
  });

  it('is the same to the last bit in whatever order the files of a day came', () => {
    const rounded = fc.integer({ min: 1, max: 999 }).map((share) => share / 997);
    const seeds = fc.array(seedOf(rounded, 2), { minLength: 10, maxLength: 40 });
    const orders = seeds.chain((held) =>
      fc.tuple(fc.constant(held), fc.shuffledSubarray(held, { minLength: held.length })),
    );
    fc.assert(
      fc.property(orders, ([held, shuffled]) => {
        const series = (of: readonly Seed[]) =>
          daySeries(partsOf(of, FIRSTS[0]!, performancePart), 3, () => null, performanceFigure('brier'));
        expect(series(shuffled)).toEqual(series(held));
      }),
      { numRuns: 300, seed: 37 },
    );
  });

  it('of hourly files sums each file once and a window from its days', () => {
    const [year, days] = [365, 30];
    const start = Date.parse('2025-01-01T00:00:00Z');
    const parts = Array.from({ length: year * 24 }, (_, hour): DayPart => {
      const day = new Date(start + Math.floor(hour / 24) * 24 * HOUR_MS);
      return { version: 1, start: day, end: addMs(day, DAY_MS), n: 1, part: hour };
    });
    let added = 0;
    const figure: Figure<number> = {
      of: (part) => part as number,
      sum: (held) => {
        added += held.length;
        return held.reduce((a, b) => a + b);
      },
      read: ({ sum, n }) => ({ value: sum, lo: null, hi: null, n, positives: null }),
    };
    const points = daySeries(parts, days, () => 1, figure);
    expect(points).toHaveLength(year);
    expect(points.at(-1)!.n).toBe(days * 24);
    expect(added).toBeLessThanOrEqual(parts.length + year * days);
  });
});
