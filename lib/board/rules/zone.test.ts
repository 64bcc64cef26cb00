import { expect, it, test } from 'vitest';
import { readZone, zonesOffered } from './zone.ts';

test.each(['Europe/Berlin', 'UTC', 'America/Argentina/Ushuaia'])('%s is a zone to read in', (name) =>
  expect(readZone(name)).toBe(name),
);

test.each(['', 'Mars/Olympus', '+02:00', 'x'.repeat(65), 'Europe/Berlin; drop'])('%j is none', (name) =>
  expect(readZone(name)).toBeNull(),
);

it('offers each zone once, the one in which days are counted first', () => {
  expect(zonesOffered('Europe/Berlin', 'Europe/Berlin', null)).toEqual(['Europe/Berlin', 'UTC']);
  expect(zonesOffered('UTC', null, null)).toEqual(['UTC']);
  expect(zonesOffered('UTC', 'Asia/Tokyo', 'America/Lima')).toEqual(['UTC', 'Asia/Tokyo', 'America/Lima']);
});
