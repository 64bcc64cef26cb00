import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { clientAddress, namePeer } from './client-address.ts';
import { fromMessage } from './exchange.ts';

const addressOf = (chain: string | null): string => clientAddress({ get: () => chain });

it.each([
  ['a sender that reached us itself, whatever it claims', '1.1.1.1, 9.9.9.9, 203.0.114.7', '203.0.114.7'],
  ['the one that a proxy beside us was reached by', '1.1.1.1, 203.0.114.7, 127.0.0.1', '203.0.114.7'],
  ['the same in a network of one’s own', '10.0.0.7, ::ffff:172.18.0.1', '10.0.0.7'],
  ['a peer that names nobody', '::ffff:10.0.0.7', '10.0.0.7'],
  ['a network of IPv6, in which one sender has every address', '2a02:8108:96c0:1::beef', '2a02:8108:96c0:1::/64'],
  ['the same however it is spelled', '2a02:8108:96c0:1:7:6:5:4', '2a02:8108:96c0:1::/64'],
  ['a short one', '2a02::1', '2a02:0:0:0::/64'],
  ['nobody known', null, 'direct'],
])('the client is %s', (_, chain, client) => {
  expect(addressOf(chain)).toBe(client);
});

it('no header that a sender writes hides the peer', async () => {
  const server = createServer((message, response) => {
    namePeer(message);
    response.end(clientAddress(fromMessage(message).headers));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const claims = ['8.8.8.8', '8.8.8.8, 9.9.9.9'].map((claim) => ({ headers: { 'x-forwarded-for': claim } }));
  const told = await Promise.all([{}, ...claims].map(async (init) => (await fetch(url, init)).text()));
  server.close();
  // From loopback it may be a proxy that names them, and only its own word counts.
  expect(told).toEqual(['127.0.0.1', '8.8.8.8', '9.9.9.9']);
});
