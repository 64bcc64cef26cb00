import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundsOf, KEEPING, keeping, keptBy, readKept, readPeriod, writePeriod } from './period.ts';

const now = new Date('2026-11-21T20:15:00Z');

describe('the period of the page in its address', () => {
  it('is a preset that ends now, or two instants that come back as they were written', () => {
    expect(boundsOf(readPeriod('7d')!, now)).toEqual({ from: new Date('2026-11-14T20:15:00Z'), to: now });
    const [from, to] = [new Date('2026-08-01T00:00:00Z'), new Date('2026-10-30T22:00:00Z')];
    expect(writePeriod(from, to)).toBe('2026-08-01T00:00Z..2026-10-30T22:00Z');
    expect(boundsOf(readPeriod(writePeriod(from, to))!, now)).toEqual({ from, to });
  });

  it.each([
    '',
    '8d',
    'toString',
    '2026-08-01T00:00Z',
    '2026-10-30T00:00Z..2026-08-01T00:00Z',
    '2026-08-01T00:00Z..2026-08-01T01:00Z',
    '2026-13-01T00:00Z..2026-14-01T00:00Z',
    '1900-01-01T00:00Z..2026-08-01T00:00Z',
    '2026-08-01T00:00Z..2026-09-01T00:00Z..2026-10-01T00:00Z',
  ])('is not %j', (text) => {
    expect(readPeriod(text)).toBeNull();
  });
});

describe('the period that a panel keeps for itself', () => {
  it('is in the address beside those of other panels, until the panel follows the page again', () => {
    const kept = keeping(keeping([], 'performance', '7d'), 'heat', '2026-08-01T00:00Z..2026-10-30T22:00Z');
    expect(kept).toEqual(['performance~7d', 'heat~2026-08-01T00:00Z..2026-10-30T22:00Z']);
    expect(keptBy(kept, 'heat')).toBe('2026-08-01T00:00Z..2026-10-30T22:00Z');
    expect(keptBy(kept, 'focus')).toBeNull();
    expect(keeping(kept, 'heat', null)).toEqual(['performance~7d']);
  });

  it('is one a panel, however often it is changed', () => {
    const step = fc.tuple(fc.constantFrom(...KEEPING), fc.constantFrom('7d', '30d', '365d', null));
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const kept = steps.reduce<string[]>((held, [part, w]) => keeping(held, part, w), []);
        for (const part of KEEPING) {
          expect(keptBy(kept, part)).toBe(steps.findLast(([name]) => name === part)?.[1] ?? null);
          expect(kept.filter((text) => readKept(text)?.part === part).length).toBeLessThan(2);
        }
      }),
    );
  });

  it.each(['', '~', 'heat', 'heat~', 'heat~8d', 'tiles~7d', '~7d', 'heat~7d~7d'])('is not %j', (text) => {
    expect(readKept(text)).toBeNull();
    expect(keeping([text], 'focus', null)).toEqual([]);
  });
});
