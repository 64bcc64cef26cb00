import { describe, expect, it } from 'vitest';
import { distinctUpTo, repeated, valuesAtRanks } from './ranks.ts';

/** Mulberry32, uniform in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('values by rank', () => {
  const random = seeded(7);
  const laws: [string, () => number][] = [
    ['even', () => random() * 100 - 50],
    ['heavy tails on both sides', () => Math.tan(Math.PI * (random() - 0.5))],
    ['a far outlier', () => (random() < 1e-4 ? 1e300 : random())],
    ['few distinct values', () => Math.floor(random() * 7) - 3],
    ['one value', () => 4],
    ['more than a double can span', () => (random() < 0.5 ? 1 : -1) * 1.7e308 * random()],
    ['next to nothing', () => random() * 1e-310],
  ];
  it.each(laws)('are those of a full sort: %s', (_, draw) => {
    const values = Float64Array.from({ length: 20_000 }, draw);
    const sorted = values.slice().sort();
    const ranks = Array.from({ length: 500 }, () => Math.floor(random() * values.length));
    ranks.push(0, values.length - 1);
    ranks.sort((a, b) => a - b);
    expect([...valuesAtRanks(values, ranks)]).toEqual(ranks.map((rank) => sorted[rank]));
  });

  it('of a few values, and of none', () => {
    expect([...valuesAtRanks(Float64Array.of(3, 1, 2), [0, 2])]).toEqual([1, 3]);
    expect([...valuesAtRanks(new Float64Array(0), [])]).toEqual([]);
  });
});

it('distinct values are counted while they are few', () => {
  expect(distinctUpTo(Float64Array.of(2, -0, 2, 0, -3, 2), 3)).toEqual({
    values: Float64Array.of(-3, 0, 2),
    counts: Float64Array.of(1, 2, 3),
  });
  expect(distinctUpTo(Float64Array.of(2, 1, 3), 2)).toBeUndefined();
});

it('counted values are ranked as the many they stand for', () => {
  const random = seeded(3);
  const values = Float64Array.from({ length: 9_000 }, () => Math.floor(random() * 900) / 7);
  const ranked = repeated(distinctUpTo(values, 1_000)!);
  const ranks = Array.from({ length: values.length }, (_, rank) => rank);
  expect(ranks.map((rank) => ranked.at(rank))).toEqual([...values.sort()]);
  expect(ranked.at(values.length)).toBeUndefined();
});
