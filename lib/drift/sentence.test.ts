import { expect, it } from 'vitest';
import { categoricalBins, numericBins } from '../measurements/bins.ts';
import { packCounts } from '../measurements/counts.ts';
import type { ColumnCounts, ProfiledColumn } from '../measurements/schema.ts';
import { columnTally } from '../measurements/tally.ts';
import { compareColumn } from './compare.ts';
import type { DriftResult } from './schema.ts';
import { driftSentence } from './sentence.ts';

const values = Array.from({ length: 2000 }, (_, i) => 10_000 + ((i * 7919) % 2000) * 20);
const sorted = Float64Array.from(values).sort();
const bins = numericBins(sorted);
const carValue: ProfiledColumn = {
  name: 'car_value',
  role: 'feature',
  kind: 'numeric',
  bins,
  counts: counted(values),
  median: 30_000,
};

function counted(numbers: number[]): ColumnCounts {
  const tally = columnTally(bins);
  tally.add(numbers, new Int32Array(numbers.length), numbers.length);
  return tally.read(0);
}

/** Every number a reader may meet: those of the record, rounded the way the sentence rounds. */
function sayable(result: DriftResult): number[] {
  const three = (value: number) => Number(value.toPrecision(3));
  const points = (part: number) => (part * 100 < 9.95 ? Number((part * 100).toFixed(1)) : Math.round(part * 100));
  return [
    100,
    result.n,
    Math.round(result.tvd * 100),
    ...(result.typical ? [three(result.typical.reference), three(result.typical.current)] : []),
    ...result.contributions.flatMap(({ bin, reference, current }) => [
      points(reference),
      points(current),
      ...('upTo' in bin ? [bin.above, bin.upTo].flatMap((edge) => (edge === null ? [] : [three(edge)])) : []),
    ]),
    ...[result.missing, result.fresh].flatMap((check) => [points(check.reference), points(check.current)]),
  ];
}

function numbersOf(sentence: string, column: string): number[] {
  const words = sentence.replaceAll(column, '').replaceAll(/"[^"]*"/g, '');
  return [...words.matchAll(/\d[\d\u202f]*(\.\d+)?/g)].map(([digits]) => Number(digits.replaceAll('\u202f', '')));
}

it.each([0, 1_000, 4_000, 12_000, 60_000])('every number of the sentence is in the record (shift %i)', (shift) => {
  const result = compareColumn(carValue, counted(values.map((value) => value + shift)), 11);
  const sentence = driftSentence(result);
  const allowed = sayable(result);
  expect(numbersOf(sentence, 'car_value').length).toBeGreaterThan(0);
  for (const number of numbersOf(sentence, 'car_value')) expect(allowed).toContain(number);
});

it('a large shift reads as the product owner would say it', () => {
  const sentence = driftSentence(compareColumn(carValue, counted(values.map((value) => value + 12_000)), 11));
  expect(sentence).toMatch(
    /^car_value changed a lot: \d+ of 100 rows now fall in another range than usual\. Typical value /,
  );
});

it('a handful of rows is not judged', () => {
  expect(driftSentence(compareColumn(carValue, counted(values.slice(0, 20)), 11))).toBe(
    'car_value cannot be judged: 20 rows are too few.',
  );
});

it('new values and missing ones are named apart from the shift', () => {
  const fuel = categoricalBins(
    new Map([
      ['petrol', 600],
      ['diesel', 400],
    ]),
  );
  const column = (counts: number[], rest: Partial<ColumnCounts>): ColumnCounts => ({
    counts: packCounts(counts),
    missing: 0,
    nan: 0,
    inf: 0,
    moments: null,
    newCount: 0,
    newValues: [],
    ...rest,
  });
  const reference: ProfiledColumn = {
    name: 'fuel',
    role: 'feature',
    kind: 'categorical',
    bins: fuel,
    counts: column([600, 400, 0], {}),
    median: null,
  };
  const now = column([480, 320, 100], { missing: 100, newCount: 100, newValues: [{ value: 'electric', count: 100 }] });
  const result = compareColumn(reference, now, 1);
  const sentence = driftSentence(result);
  expect(sentence).toContain('Missing values rose from 0% to 10%.');
  expect(sentence).toContain('11% of rows have values never seen before: "electric".');
  for (const number of numbersOf(sentence, 'fuel')) expect(sayable(result)).toContain(number);
});
