import { expect, it } from 'vitest';
import { ownPath } from './rules.ts';

it.each(['/', '/?m=churn-eu&tab=data', '/nowhere#there', '/?q=%2F%2Fa%20b'])('leads on to %s', (next) => {
  expect(ownPath(next)).toBe(next);
});

it.each([
  undefined,
  ['/', '/'],
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n\\evil.example',
  '\t//evil.example',
  '/.//evil.example',
  '/..//evil.example',
  '/%2e//evil.example',
  'javascript:alert(1)',
  '//[',
])('leads nowhere but home for %j', (next) => {
  expect(ownPath(next)).toBe('/');
});
