import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LENSES } from '../../lib/board/glossary.ts';
import { calendar } from '../../lib/measurements/windows.ts';
import { amount, amounts, bytes, days, local, numbers, percent, signed, stretch, tick } from './format.ts';

const dayOf = (at: string, zone: string) => {
  const { start, end } = calendar('day', zone).at(Date.parse(at));
  return { start: new Date(start).toISOString(), end: new Date(end).toISOString() };
};

describe('a window in words', () => {
  it.each([
    ['2026-03-29T12:00:00Z', 'Europe/Berlin', '29 Mar (23\u202fh)'],
    ['2026-10-25T12:00:00Z', 'Europe/Berlin', '25 Oct (25\u202fh)'],
    ['2026-10-26T12:00:00Z', 'Europe/Berlin', '26 Oct'],
    ['2026-04-05T12:00:00+11:00', 'Australia/Lord_Howe', '5 Apr (24.5\u202fh)'],
    ['2026-10-25T12:00:00Z', 'UTC', '25 Oct'],
    // The clocks jump from midnight to one: the day begins at one.
    ['2026-09-06T12:00:00Z', 'America/Santiago', '6 Sep (23\u202fh)'],
  ])('says how long the day of a clock change was: %s in %s', (at, zone, words) => {
    expect(stretch(dayOf(at, zone), zone)).toBe(words);
  });

  it('is named by its moments in a zone that cuts its days elsewhere', () => {
    const day = dayOf('2026-10-25T12:00:00Z', 'Europe/Berlin');
    expect(stretch(day, 'UTC')).toBe('24 Oct 22:00 to 25 Oct 23:00 (25\u202fh)');
  });

  it('of several days has no hours, and its year where it is wanted', () => {
    const week = { start: '2026-12-28T00:00:00.000Z', end: '2027-01-04T00:00:00.000Z' };
    expect(stretch(week, 'UTC')).toBe('28 Dec to 3 Jan');
    expect(stretch(week, 'UTC', true)).toBe('28 Dec to 3 Jan 2027');
    expect(stretch(dayOf('2026-12-31T12:00:00Z', 'UTC'), 'UTC', true)).toBe('31 Dec 2026');
  });
});

it.each([
  ['2026-10-01T00:00Z', '2026-11-01T00:00Z', '1 Oct to 31 Oct'],
  ['2025-01-01T00:00Z', '2025-02-01T00:00Z', '1 Jan to 31 Jan 2025'],
  ['2026-11-21T00:00Z', '2026-11-22T00:00Z', '21 Nov'],
])('names the period from %s to %s by its last day and, of another year, by that', (from, to, words) => {
  expect(days({ from: new Date(from), to: new Date(to) }, '2026-11-22T12:00:00Z', 'UTC')).toBe(words);
});

it('names moments of one day apart', () => {
  const at = new Date('2026-11-21T06:00:00Z');
  expect([tick(at, 6 * 3_600_000, 'UTC'), tick(at, 48 * 3_600_000, 'UTC')]).toEqual(['21 Nov 06:00', '21 Nov']);
});

it('writes an instant as the clocks of the zone show it', () => {
  expect(local('2026-01-05T23:30:00.000Z', 'Europe/Berlin')).toBe('2026-01-06 00:30');
});

it('writes a currency before its figure and every other unit after it', () => {
  expect(amount(0.9572, 'AUC', 'product')).toBe('0.957\u202fAUC');
  expect(amount(41_300, 'EUR', 'product')).toBe('EUR\u202f41\u202f300');
});

it.each([
  [0, '0\u202fB'],
  [18, '18\u202fB'],
  [999, '999\u202fB'],
  [330_654, '331\u202fkB'],
  [999_999, '1\u202fMB'],
  [1_115_749, '1.12\u202fMB'],
])('says that %d bytes are %s', (size, said) => {
  expect(bytes(size)).toBe(said);
});

it('says the sign of a difference', () => {
  expect([signed(0.0457), signed(-0.02), signed(0)]).toEqual(['+0.0457', '−0.02', '0']);
});

it('reads the digits of UTC as those of every zone without changes of the clock', () => {
  for (const at of ['2026-01-05T23:30:00.000Z', '1999-12-31T00:00:00.000Z', '2028-02-29T12:05:59.999Z'])
    expect(local(at, 'UTC')).toBe(local(at, 'Africa/Abidjan'));
});

describe('a value beside its limits', () => {
  const unit = fc.constantFrom('share', 'AUC', 'EUR', 'psi', '');
  const lens = fc.constantFrom(...LENSES);
  const double = fc.double({ noNaN: true, noDefaultInfinity: true });
  /** The next double, or one that rounds alike after some digits: chance alone would hardly meet either. */
  const near = fc.tuple(double, fc.integer({ min: 1, max: 16 }), fc.boolean()).map(([value, digits, next]) => {
    const other = next ? value * (1 + Number.EPSILON) : Number(value.toPrecision(digits));
    return [value, Number.isFinite(other) ? other : value] as const;
  });
  const pair = fc.oneof(near, fc.tuple(double, double), fc.tuple(fc.integer(), fc.integer()));

  it('reads differently where they differ, and alike where they are the same', () => {
    fc.assert(
      fc.property(pair, unit, lens, ([value, limit], of, seen) => {
        const [said, limitSaid] = amounts([value, limit], of, seen);
        expect(said === limitSaid).toBe(value === limit);
        const [bare, bareLimit] = numbers([value, limit]);
        expect(bare === bareLimit).toBe(value === limit);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is written as it is alone, where that tells them apart', () => {
    fc.assert(
      fc.property(pair, unit, lens, ([value, limit], of, seen) => {
        const alone = [amount(value, of, seen), amount(limit, of, seen)];
        fc.pre(alone[0] !== alone[1] || value === limit);
        expect(amounts([value, limit], of, seen)).toEqual(alone);
      }),
    );
  });

  it.each([
    [0.8996, 0.9, 'share', 'product', ['89.96\u202f%', '90\u202f%']],
    [0.8996, 0.9, 'share', 'data', ['0.8996', '0.9']],
    [0.09996, 0.1, 'psi', 'product', ['0.09996', '0.1']],
    [1_234_499.6, 1_234_500, 'EUR', 'ops', ['EUR\u202f1\u202f234\u202f499.6', 'EUR\u202f1\u202f234\u202f500']],
    [-0.0004, 0, 'share', 'product', ['−0.04\u202f%', '0\u202f%']],
    [0.85, 0.9, 'share', 'product', ['85\u202f%', '90\u202f%']],
  ] as const)('%d beside %d in %s for %s', (value, limit, of, seen, texts) => {
    expect(amounts([value, limit], of, seen)).toEqual(texts);
  });

  it('that is not known has its words', () => {
    expect(amounts([null, 0.9], 'share', 'product')).toEqual(['No value', '90\u202f%']);
    expect(numbers([0.1, null])).toEqual(['0.1', 'no value']);
  });
});

it('gives what is rounded to nothing no sign', () => {
  expect([percent(-0.0004), percent(-0.004), percent(0)]).toEqual(['0\u202f%', '−0.4\u202f%', '0\u202f%']);
});
