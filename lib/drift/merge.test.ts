import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { categoricalBins, numericBins } from '../measurements/bins.ts';
import { binOfCode, FIRST_CODE, knownValues, MISSING_CODE, NEW_CODE } from '../measurements/plan.ts';
import type { CategoricalBins } from '../measurements/schema.ts';
import { columnTally, performanceTally } from '../measurements/tally.ts';
import { calendar } from '../measurements/windows.ts';
import { groupPieces, inContentOrder, mergePieces, type Piece, sumPieces } from './merge.ts';

const ZONE = 'Europe/Berlin';
const FIRST = Date.parse('2026-03-20T00:00:00Z');
const SPAN_MS = 40 * 24 * 3_600_000;
const numbers = numericBins(Float64Array.from({ length: 60 }, (_, i) => Math.sin(i) * 50 + i / 100));
const words = categoricalBins(new Map([...'abc'].map((word, i) => [word, 10 - i]))) as CategoricalBins;

type Row = { ms: number; value: number; word: string | null; score: number; label: number };
type Unit = 'hour' | 'day' | 'week' | 'month';

/** Counts rows a window at a time, as the reader does. */
function count(rows: readonly Row[], unit: Unit): Piece[] {
  const { at } = calendar(unit, ZONE);
  const groups = [...Map.groupBy(rows, ({ ms }) => at(ms).start)];
  const known = knownValues(words);
  return groups.map(([start, members]) => {
    const windows = new Int32Array(members.length);
    const [value, word] = [columnTally(numbers), columnTally(words)];
    const performance = performanceTally({ task: 'binary', positive: '1', threshold: 0.5 }, numbers);
    const of = (pick: (row: Row) => number) => Float64Array.from(members, pick);
    value.add(
      of((row) => row.value),
      windows,
      members.length,
    );
    const codeOf = (text: string | null) => {
      if (text === null) return MISSING_CODE;
      return known.includes(text) ? known.indexOf(text) + FIRST_CODE : NEW_CODE;
    };
    word.add(
      of((row) => codeOf(row.word)),
      windows,
      members.length,
    );
    const [label, prediction, score] = [of((row) => row.label), of(() => -1), of((row) => row.score)];
    performance.add({ label, prediction, score }, windows, members.length);
    const counts = {
      columns: { value: value.read(0), word: word.read(0) },
      performance: performance.read(0, members.length),
    };
    return { start: new Date(start), end: new Date(at(start).end), n: members.length, counts };
  });
}

const row = fc.record({
  ms: fc.integer({ min: 0, max: SPAN_MS }).map((ms) => FIRST + ms),
  value: fc.oneof(
    fc.double({ min: -100, max: 100, noNaN: true }),
    fc.constantFrom(-Infinity, Infinity, Number.NaN, 0.1),
  ),
  word: fc.constantFrom('a', 'b', 'c', 'new', null),
  score: fc.double({ min: 0, max: 1, noNaN: true }),
  label: fc.constantFrom(0, 1, -1),
});

/** Counts without the sums of fractions, which agree to rounding only. */
function whole(pieces: readonly Piece[]) {
  return pieces.map(({ start, end, n, counts: { columns, performance } }) => ({
    start,
    end,
    n,
    columns: Object.entries(columns).map(([name, { moments, newValues: _, ...held }]) => ({
      name,
      ...held,
      range: moments && [moments.n, moments.min, moments.max],
    })),
    performance:
      performance?.task === 'binary'
        ? [performance.labelled, performance.confusion, performance.scores, performance.outputs]
        : null,
  }));
}

describe('windows', () => {
  it('of a known word have a bin', () => {
    expect([...binOfCode(words)].slice(0, 3)).toEqual([0, 1, 2]);
  });

  it.each([
    ['hour', 'day'],
    ['day', 'week'],
    ['day', 'month'],
  ] as const)('each %s summed to a %s counts what the rows themselves count', (fine, coarse) => {
    fc.assert(
      fc.property(fc.array(fc.array(row, { maxLength: 60 }), { minLength: 1, maxLength: 4 }), (batches) => {
        const parts = batches.flatMap((rows) => count(rows, fine));
        const merged = groupPieces(parts, calendar(coarse, ZONE));
        const direct = count(batches.flat(), coarse).sort((a, b) => a.start.getTime() - b.start.getTime());
        expect(whole(merged)).toEqual(whole(direct));
      }),
      { numRuns: 100, seed: 11 },
    );
  });

  it('of many pieces are to the last bit what adding one piece after another gives', () => {
    const batch = fc.array(row, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 20 }), (batches) => {
        const pieces = batches.flatMap((rows) => count(rows, 'month'));
        const stepwise = inContentOrder(pieces).reduce((sum, piece) => sumPieces([sum, piece]));
        expect(mergePieces(pieces)).toEqual(stepwise);
        expect(whole([sumPieces(pieces)])).toEqual(whole([stepwise]));
      }),
      { numRuns: 100, seed: 13 },
    );
  });

  it('are the same to the last bit in a thousand orders of arrival, repeats included', () => {
    const soon = row.map((one) => ({ ...one, ms: FIRST + ((one.ms - FIRST) % (3 * 24 * 3_600_000)) }));
    const batch = fc.array(soon, { minLength: 5, maxLength: 20 });
    const [batches] = fc.sample(fc.array(batch, { minLength: 5, maxLength: 5 }), { numRuns: 1, seed: 3 });
    const parts = batches!.map((rows) => count(rows, 'day'));
    const replay = (order: readonly number[]) => {
      // A batch that comes again replaces itself.
      const held = new Map(order.map((batch) => [batch, parts[batch]!]));
      const pieces = [...held.values()].flat();
      return JSON.stringify((['day', 'week'] as const).map((unit) => groupPieces(pieces, calendar(unit, ZONE))));
    };
    const expected = replay([...parts.keys()]);
    const order = fc
      .array(fc.integer({ min: 0, max: parts.length - 1 }), { maxLength: 4 })
      .chain((repeats) =>
        fc.shuffledSubarray([...parts.keys(), ...repeats], { minLength: parts.length + repeats.length }),
      );
    fc.assert(
      fc.property(order, (batchesInOrder) => replay(batchesInOrder) === expected),
      { numRuns: 1_000, seed: 5 },
    );
  }, 60_000);
});

describe('the order of pieces', () => {
  /** Few values of each kind: starts, rows and contents tie often. */
  const piece = fc.record({
    start: fc.integer({ min: 0, max: 2 }).map((day) => new Date(FIRST + day)),
    n: fc.integer({ min: 0, max: 2 }),
    counts: fc.oneof(fc.constantFrom(null, 'ä', 'a', '"'), fc.record({ a: fc.integer({ min: 0, max: 20 }) })),
    batch: fc.nat(),
  });
  type Sorted = { start: Date; n: number; counts: unknown };

  /** The definition: every comparison writes both sides out. */
  function byContent(a: Sorted, b: Sorted): number {
    const known = a.start.getTime() - b.start.getTime() || a.n - b.n;
    if (known !== 0) return known;
    const [left, right] = [JSON.stringify(a.counts), JSON.stringify(b.counts)];
    return left === right ? 0 : left < right ? -1 : 1;
  }

  it('is by start, then rows, then content, and of equal ones as they came', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const ordered = inContentOrder(pieces);
        const defined = pieces.toSorted(byContent);
        expect(ordered).toHaveLength(pieces.length);
        expect(ordered.every((one, i) => one === defined[i])).toBe(true);
      }),
      { numRuns: 500, seed: 17 },
    );
  });

  it('asks for the content of a piece once, and only where start and rows tie', () => {
    const toJSON = vi.fn(() => 'held');
    const start = new Date(FIRST);
    const tied = Array.from({ length: 500 }, () => ({ start, n: 7, counts: { toJSON } }));
    inContentOrder([...tied, { start, n: 8, counts: { toJSON } }]);
    expect(toJSON).toHaveBeenCalledTimes(500);
  });
});
