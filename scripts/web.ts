import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from './environment.ts';

/** Open event streams and slow readers get this long to end. */
const graceMs = 8_000;
const readyTimeoutMs = 60_000;
const [firstRestartMs, longestRestartMs] = [500, 30_000];
/** A server that ran this long was sound: its next failure starts the pauses anew. */
const soundAfterMs = 60_000;
/** Searches are GETs: a filter of 100 kB, percent-encoded, has to reach the handler that judges it. */
const longestHeaderBytes = 320 * 1024;

/** The web server as a child that is started again when it dies. */
export function startWeb({ host, port, env, dataDir }: Settings) {
  let child: ChildProcess | undefined;
  let stopping = false;
  let pauseMs = firstRestartMs;

  function launch(): void {
    const startedAt = Date.now();
    child = fork(join(import.meta.dirname, 'web-server.ts'), [], {
      // Compiled code is kept between starts.
      env: { ...env, NODE_COMPILE_CACHE: join(dataDir, 'compile-cache') },
      execArgv: [...process.execArgv, `--max-http-header-size=${longestHeaderBytes}`],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.on('exit', async (code, signal) => {
      if (stopping) return;
      if (Date.now() - startedAt > soundAfterMs) pauseMs = firstRestartMs;
      console.error(`The web server ended (${signal ?? `code ${code}`}); starting it again in ${pauseMs / 1000} s.`);
      await sleep(pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestRestartMs);
      if (!stopping) launch();
    });
  }

  async function ready(): Promise<void> {
    const deadline = Date.now() + readyTimeoutMs;
    // The address to listen on may mean "every one"; then it answers on loopback.
    const address = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}/api/health`;
    while (Date.now() < deadline && !stopping) {
      const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
      if (answer?.ok) return;
      // A port in use ends the child at once; saying it beats waiting for the minute.
      if (child?.exitCode) throw new Error(`The web server does not start on ${host}:${port}.`);
      await sleep(50);
    }
    if (!stopping) throw new Error(`The web server did not answer within ${readyTimeoutMs / 1000} s.`);
  }

  async function stop(): Promise<void> {
    stopping = true;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child!.once('exit', done));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child!.kill('SIGKILL'), graceMs);
    await ended;
    clearTimeout(timer);
  }

  launch();
  return { ready, stop };
}
