import { describe, expect, it } from 'vitest';
import { boundsOf, readPeriod, writePeriod } from './period.ts';

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
