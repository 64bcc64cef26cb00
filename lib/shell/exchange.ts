import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { AppError } from './errors.ts';

/** A request as the shell reads it, whoever received it. */
export type Incoming = {
  method: string;
  url: URL;
  headers: Pick<Headers, 'get'>;
  /** The whole body; undefined when it has more than so many bytes, and the rest stays unread. */
  read: (max: number) => Promise<Uint8Array | undefined>;
  /** The web's own form, for handlers that stream the body or watch for the reader's leaving. */
  request: () => Request;
};

/** An answer that is known whole. */
export type Reply = { status: number; headers: Record<string, string>; body: string };

/** What answers a request without the framework between. */
export type Perform = (incoming: Incoming, params: Record<string, string | string[]>) => Promise<Reply | Response>;

export function fromRequest(request: Request): Incoming {
  return {
    method: request.method,
    url: new URL(request.url),
    headers: request.headers,
    read: (max) => (request.body ? readStream(request.body, max) : Promise.resolve(new Uint8Array())),
    request: () => request,
  };
}

/** The same of a message of node:http: a web `Request` with its headers and streams costs more than reading a row. */
export function fromMessage(message: IncomingMessage): Incoming {
  const method = message.method ?? 'GET';
  const url = new URL(message.url ?? '/', 'http://localhost');
  return {
    method,
    url,
    headers: { get: (name) => headerOf(message, name.toLowerCase()) },
    read: (max) => readMessage(message, max),
    request: () => {
      const headers = Object.entries(message.headers).flatMap(([name, value]) =>
        [value ?? []].flat().map((one): [string, string] => [name, one]),
      );
      const leave = new AbortController();
      message.once('close', () => !message.complete && leave.abort());
      const isBodiless = method === 'GET' || method === 'HEAD';
      const body = isBodiless ? {} : { body: Readable.toWeb(message) as ReadableStream, duplex: 'half' };
      return new Request(url, { method, headers, signal: leave.signal, ...body });
    },
  };
}

function headerOf(message: IncomingMessage, name: string): string | null {
  const value = message.headers[name];
  if (value === undefined) return null;
  return Array.isArray(value) ? value.join(', ') : value;
}

async function readStream(body: ReadableStream<Uint8Array>, max: number): Promise<Uint8Array | undefined> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    total += value.byteLength;
    chunks.push(value);
    if (total <= max) continue;
    await reader.cancel();
    return undefined;
  }
}

function readMessage(message: IncomingMessage, max: number): Promise<Uint8Array | undefined> {
  return new Promise((done, failed) => {
    const chunks: Buffer[] = [];
    let total = 0;
    message.on('data', (chunk: Buffer) => {
      total += chunk.byteLength;
      if (total <= max) chunks.push(chunk);
      // What still comes is thrown away by node:http once the answer is sent.
      else done(undefined);
    });
    message.on('end', () => done(Buffer.concat(chunks)));
    message.on('error', () => failed(new AppError('malformed', 'body_cut_off', 'The body broke off.')));
  });
}

export const toResponse = (reply: Reply | Response): Response =>
  reply instanceof Response ? reply : new Response(reply.body, { status: reply.status, headers: reply.headers });

/** Shorter texts do not get smaller than what the compression adds in time; the framework draws the line here too. */
const COMPRESSED_FROM = 1024;
const compressed = promisify(gzip);

/** Sends the answer to a message of node:http; `more` are headers that every answer of the house has. */
export async function send(
  reply: Reply | Response,
  message: IncomingMessage,
  response: ServerResponse,
  more: Record<string, string>,
): Promise<void> {
  if (reply instanceof Response) {
    response.writeHead(reply.status, { ...more, ...Object.fromEntries(reply.headers) });
    if (reply.body) await pipeline(Readable.fromWeb(reply.body as Parameters<typeof Readable.fromWeb>[0]), response);
    else response.end();
    return;
  }
  const { status, body } = reply;
  if (body.length < COMPRESSED_FROM) {
    response.writeHead(status, { ...more, ...reply.headers, 'content-length': Buffer.byteLength(body) }).end(body);
    return;
  }
  const headers = { ...more, ...reply.headers, vary: 'Accept-Encoding' };
  if (!acceptsGzip(message.headers['accept-encoding'])) {
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
    return;
  }
  // The fastest level: the last tenth of the bytes costs twice the time.
  const bytes = await compressed(body, { level: constants.Z_BEST_SPEED });
  response.writeHead(status, { ...headers, 'content-encoding': 'gzip', 'content-length': bytes.byteLength }).end(bytes);
}

const acceptsGzip = (header: string | string[] | undefined): boolean =>
  String(header ?? '')
    .split(',')
    .some((one) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$)|$)/i.test(one));
