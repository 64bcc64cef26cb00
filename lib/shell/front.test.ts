import { expect, it } from 'vitest';
import { headersOfPage, refusalAtFront } from './front.ts';

const demo = { PLUMBLINE_DEMO: '1', PLUMBLINE_ORIGIN: 'http://models.example' };
const codeOf = (url: string, headers: Record<string, string> = {}, env = demo, isDirect = false) =>
  refusalAtFront({ url, headers, rawHeaders: Object.entries(headers).flat() }, isDirect, env)?.code;

it('lets through an address and headers as long as Node takes, and no longer', () => {
  expect(codeOf(`/?q=${'x'.repeat(16_000)}`, { host: 'localhost' })).toBeUndefined();
  expect(codeOf(`/?q=${'x'.repeat(17_000)}`)).toBe('head_too_long');
  expect(codeOf(`/?q=${'x'.repeat(17_000)}`, {}, demo, true)).toBeUndefined();
  expect(codeOf('/', { cookie: 'a=b; '.repeat(4_000) })).toBe('head_too_long');
});

it('lets through a thousand parameters and no more', () => {
  expect(codeOf(`/?${'a=1&'.repeat(999)}`)).toBeUndefined();
  expect(codeOf(`/?${'a=1&'.repeat(1_000)}`)).toBe('too_many_parameters');
});

it.each([
  '127.0.0.1:3000',
  '[::1]:3000',
  '10.0.0.7',
  'localhost',
  'localhost:4000',
  'models.example',
  'MODELS.example:80',
])('is reached as %s where sample accounts are open', (host) => {
  expect(codeOf('/', { host })).toBeUndefined();
});

it('is not reached by a name that somebody else leads to loopback, where sample accounts are open', () => {
  for (const host of ['evil.example', 'evil.example:3000', 'localhost.evil.example', '127.0.0.1.evil.example'])
    expect([host, codeOf('/', { host })]).toEqual([host, 'unknown_host']);
  expect(codeOf('/', { host: 'plumbline.internal' }, { ...demo, PLUMBLINE_DEMO: '0' })).toBeUndefined();
});

it('chooses the nonce of each page itself, whatever the sender says', () => {
  const policies = [1, 2].map(() => {
    const headers: Record<string, string> = {
      'x-nonce': 'mine',
      'content-security-policy': "script-src 'nonce-mine'",
      'content-security-policy-report-only': "script-src 'nonce-mine'",
    };
    const told = headersOfPage({ url: '/sign-in?next=%2F', headers });
    expect(headers).toEqual({ ...told, 'x-nonce': /'nonce-([\w+/]{22}==)'/.exec(Object.values(told)[0]!)?.[1] });
    return told['content-security-policy'];
  });
  expect(policies[0]).not.toBe(policies[1]);
  const headers = { 'x-nonce': 'mine' };
  expect([headersOfPage({ url: '/api/health', headers }), headers]).toEqual([{}, {}]);
});
