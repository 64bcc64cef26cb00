import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { afterAll, describe, expect, it } from 'vitest';
import { checkUrl, isPublic, OutboundError, post, readAllowed } from './outbound.ts';

const nobody = readAllowed(undefined);
const loopback = readAllowed('127.0.0.1');
const servers: Server[] = [];
afterAll(() => servers.forEach((server) => void server.close()));

async function receiver(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

const send = (url: string, more: object = {}) => post({ url, headers: {}, body: '{}', allowed: loopback, ...more });

describe('the guard of outgoing calls', () => {
  it.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://①②⑦.⓪.⓪.①/',
    'https://0/',
    'https://0.0.0.0/',
    'https://10.0.0.1/',
    'https://100.64.0.1/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://198.18.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[::]/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[fd00:ec2::254]/',
    'https://[fe80::1]/',
    'https://[2001:db8::1]/',
    'https://localhost/',
    'https://LOCALHOST./',
    'https://api.localhost/',
    'https://user@example.com/',
    'https://user:password@example.com/',
    'http://example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://127.0.0.1:25/',
    'javascript:alert(1)',
    '//example.com/',
    'https://',
    '',
  ])('refuses %s before anything is sent', (url) => {
    expect(checkUrl(url, nobody).ok).toBe(false);
  });

  it.each(['https://example.com/hook?key=1', 'https://8.8.8.8/', 'https://[2606:4700::1111]/', 'https://münchen.de/'])(
    'lets %s pass',
    (url) => {
      expect(checkUrl(url, nobody).ok).toBe(true);
    },
  );

  it('knows public addresses from private ones', () => {
    for (const address of ['1.1.1.1', '172.32.0.1', '2606:4700::1111'])
      expect([address, isPublic(address)]).toEqual([address, true]);
    for (const address of ['172.31.255.255', '::1', '4000::1', 'nonsense', ''])
      expect([address, isPublic(address)]).toEqual([address, false]);
  });

  it('reaches what the operator allowed: a range, an address, a name', () => {
    const allowed = readAllowed('10.2.0.0/16, jenkins.corp ,192.168.7.7, fd00::/8');
    for (const url of [
      'http://10.2.9.9/',
      'https://jenkins.corp/',
      'http://jenkins.corp:8080/',
      'https://192.168.7.7/',
      'http://[fd00::1]/',
    ])
      expect([url, checkUrl(url, allowed).ok]).toEqual([url, true]);
    for (const url of [
      'http://10.3.0.1/',
      'https://192.168.7.8/',
      'http://other.corp/',
      'http://jenkins.corp.evil.example/',
    ])
      expect([url, checkUrl(url, allowed).ok]).toEqual([url, false]);
    expect(() => readAllowed('10.0.0.0/64')).toThrow('OUTBOUND_ALLOW');
  });

  it('refuses a name that resolves into a private network, our own host’s among them', async () => {
    await expect(send(`https://${hostname()}/`, { allowed: nobody })).rejects.toThrow(OutboundError);
    const resolve = async () => [
      { address: '8.8.8.8', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ];
    await expect(send('https://mixed.example/', { resolve })).rejects.toThrow('private network');
  });

  it('connects to the address it judged: a name cannot be pointed elsewhere in between', async () => {
    let [reached, asked] = [0, 0];
    const port = await receiver((_request, response) => {
      reached += 1;
      response.end('ok');
    });
    // Each time another answer, as an attacker's name server would give.
    const resolve = async () => [{ address: asked++ === 0 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
    const allowed = { ...loopback, names: new Set(['rebound.example']) };
    expect((await send(`http://rebound.example:${port}/`, { resolve, allowed })).status).toBe(200);
    expect([reached, asked]).toEqual([1, 1]);
    const http = { ...readAllowed('9.9.9.9'), names: new Set<string>() };
    await expect(send(`http://127.0.0.1:${port}/`, { allowed: http })).rejects.toThrow(OutboundError);
    expect(reached).toBe(1);
  });
});

describe('an outgoing call', () => {
  it('takes a redirect for the answer and follows it nowhere', async () => {
    let followed = false;
    const port = await receiver((request, response) => {
      followed ||= request.url !== '/';
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect((await send(`http://127.0.0.1:${port}/`)).status).toBe(302);
    expect(followed).toBe(false);
  });

  it('reads no more than 64 kB of an answer without end', async () => {
    const port = await receiver((_request, response) => {
      const timer = setInterval(() => response.write('x'.repeat(50_000)), 1);
      response.on('close', () => clearInterval(timer));
    });
    expect((await send(`http://127.0.0.1:${port}/`)).body).toHaveLength(65_536);
  });

  it('tells no address when nobody answers', async () => {
    const error = await send('http://127.0.0.1:1/?key=secret').catch((caught: Error) => caught);
    expect((error as Error).message).toBe('The connection was refused.');
  });
});
