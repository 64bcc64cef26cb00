import { describe, expect, it } from 'vitest';
import { distinctUpTo, valuesAtRanks } from './ranks.ts';

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

it('distinct values are listed while they are few', () => {
  expect([...distinctUpTo(Float64Array.of(2, 1, 2, 1), 2)!]).toEqual([1, 2]);
  expect(distinctUpTo(Float64Array.of(2, 1, 3), 2)).toBeUndefined();
});
