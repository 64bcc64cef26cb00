import { describe, expect, it } from 'vitest';
import { calendar } from '../../lib/measurements/windows.ts';
import { local, signed, stretch } from './format.ts';

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

it('writes an instant as the clocks of the zone show it', () => {
  expect(local('2026-01-05T23:30:00.000Z', 'Europe/Berlin')).toBe('2026-01-06 00:30');
});

it('says the sign of a difference', () => {
  expect([signed(0.0457), signed(-0.02), signed(0)]).toEqual(['+0.0457', '−0.02', '0']);
});

it('reads the digits of UTC as those of every zone without changes of the clock', () => {
  for (const at of ['2026-01-05T23:30:00.000Z', '1999-12-31T00:00:00.000Z', '2028-02-29T12:05:59.999Z'])
    expect(local(at, 'UTC')).toBe(local(at, 'Africa/Abidjan'));
});
