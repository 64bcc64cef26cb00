// The process that scripts/web.ts starts: Next behind a plain server, which answers the registry protocol itself. Next's routing,
// tracing and web streams cost four times what reading a model costs.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import next from 'next';
import { newId } from '../lib/base/ids.ts';
import { directPath, registry } from '../lib/mlflow/door.ts';
import { namePeer } from '../lib/shell/client-address.ts';
import { fromMessage, send } from '../lib/shell/exchange.ts';
import { headersOfPage, refusalAtFront } from '../lib/shell/front.ts';
import { failure } from '../lib/shell/http.ts';

const root = join(import.meta.dirname, '..');
const hostname = process.env.HOSTNAME || '127.0.0.1';
const port = Number(process.env.PORT);

process.title = 'plumbline-web';
const app = next({ dev: false, dir: root, hostname, port });
await app.prepare();
const answerByNext = app.getRequestHandler();
const everyHeader = builtHeaders('/api/2.0/mlflow');

const server = createServer((message, response) => {
  namePeer(message);
  const path = directPath(message.method, message.url);
  const refusal = refusalAtFront(message, path !== undefined, process.env);
  const answered = refusal
    ? send(failure(refusal, newId(), path === undefined ? 'problem' : 'mlflow'), message, response, everyHeader)
    : path === undefined
      ? answerByFramework(message, response)
      : answerDirectly(message, response, path);
  answered.catch((error: unknown) => breakOff(error, message, response));
});
server.on('error', (error) => {
  console.error(`The web server does not listen on ${hostname}:${port}: ${error.message}`);
  process.exit(1);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
server.listen(port, hostname);

function answerByFramework(message: IncomingMessage, response: ServerResponse): Promise<void> {
  for (const [name, value] of Object.entries(headersOfPage(message))) response.setHeader(name, value);
  return answerByNext(message, response);
}

async function answerDirectly(message: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const reply = await registry.perform(fromMessage(message), { path });
  // Who has left gets nothing; what was done stays done.
  if (!response.destroyed) await send(reply, message, response, everyHeader);
}

function breakOff(error: unknown, message: IncomingMessage, response: ServerResponse): void {
  // Loggers of inferences have their token in the path.
  const path = message.url?.split('?')[0]?.replace(/(\/api\/ce\/).*/, '$1…');
  if (!response.destroyed) console.error(`${message.method} ${path} failed:`, error);
  if (response.headersSent) response.destroy();
  else response.writeHead(500).end('Internal Server Error');
}

/** What next.config.js says of headers, as the build wrote it down: the same on both ways. */
function builtHeaders(address: string): Record<string, string> {
  const manifest = JSON.parse(readFileSync(join(root, '.next', 'routes-manifest.json'), 'utf8')) as {
    headers: { regex: string; headers: { key: string; value: string }[] }[];
  };
  const rows = manifest.headers.filter(({ regex }) => new RegExp(regex).test(address));
  return Object.fromEntries(rows.flatMap(({ headers }) => headers.map(({ key, value }) => [key, value])));
}

/** Answers under way are finished first; the supervisor ends what takes too long. */
function stop(): void {
  server.close(async () => {
    await app.close().catch((error: unknown) => console.error(error));
    process.exit(0);
  });
}
