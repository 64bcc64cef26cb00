import { afterEach, expect, test } from 'vitest';
import { seal, unseal } from './seal.ts';

const place = { table: 'webhooks', id: '1', column: 'secret' };
const withSecret = (secret: string) => {
  process.env.AUTH_SECRET = secret;
};
afterEach(() => withSecret('a'.repeat(32)));
withSecret('a'.repeat(32));

test('a sealed secret opens in its own place, and looks different each time', () => {
  const [one, two] = [seal('geheim ü', place), seal('geheim ü', place)];
  expect(one).not.toBe(two);
  expect(one).not.toContain('geheim');
  expect([unseal(one, place), unseal(two, place)]).toEqual(['geheim ü', 'geheim ü']);
});

test('moved to another row, altered, cut short, or under another AUTH_SECRET it stays shut', () => {
  const sealed = seal('geheim', place);
  expect(unseal(sealed, { ...place, id: '2' })).toBeUndefined();
  const [version, key, data = ''] = sealed.split('.');
  const flipped = Buffer.from(data, 'base64url');
  flipped[20]! ^= 1;
  expect(unseal([version, key, flipped.toString('base64url')].join('.'), place)).toBeUndefined();
  expect(unseal(sealed.slice(0, -20), place)).toBeUndefined();
  expect(unseal('nonsense', place)).toBeUndefined();
  withSecret('b'.repeat(32));
  expect(unseal(sealed, place)).toBeUndefined();
});
