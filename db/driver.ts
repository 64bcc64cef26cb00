import { createRequire, registerHooks } from 'node:module';

/**
 * postgres.js 3.4.9 (porsager/postgres #1066, #1154, #1208): when a backend dies with a small write queued, `nextWrite` throws outside
 * any promise, and the stale timer then keeps that pool slot silent for ever. Surviving the throw alone is not enough: measured, eight
 * of eight slots ended in CONNECT_TIMEOUT. So the two lines are corrected while the module is loaded; db/driver.test.ts is the gate,
 * and fails when a new release moves them.
 */
const corrections: [found: string, corrected: string][] = [
  [
    'const x = socket.write(chunk, fn)',
    `if (!socket) {
      nextWriteTimer !== null && clearImmediate(nextWriteTimer)
      chunk = nextWriteTimer = null
      error(Errors.connection('CONNECTION_CLOSED', options))
      return false
    }
    const x = socket.write(chunk, fn)`,
  ],
  [
    'clearImmediate(nextWriteTimer)\n    socket.removeListener',
    'clearImmediate(nextWriteTimer)\n    chunk = nextWriteTimer = null\n    socket.removeListener',
  ],
];

export function correctDriver(source: string): string {
  return corrections.reduce((text, [found, corrected]) => text.replace(found, corrected), source);
}

// Node before 22.15 has no synchronous hooks: there only the handler below protects the process.
registerHooks?.({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!/\/postgres[^/]*\/(cjs\/)?src\/connection\.js$/.test(url) || !loaded.source) return loaded;
    return { ...loaded, source: correctDriver(loaded.source.toString()) };
  },
});

const handlerKey = Symbol.for('plumbline.driverHandler');
if (!(handlerKey in process)) {
  Object.defineProperty(process, handlerKey, { value: true });
  process.on('uncaughtException', (error) => {
    if (error instanceof TypeError && /\bnextWrite\b/.test(error.stack ?? '')) {
      console.error('A database connection was lost while a write was queued; the pool opens another one.');
    } else if (process.listenerCount('uncaughtException') === 1) {
      // Ours is the only listener, so Node's own ending of the process has to be done here.
      console.error(error);
      process.exit(1);
    }
  });
}

// Required, not imported: a static import would be loaded before the hook above exists.
export const postgres: typeof import('postgres') = createRequire(import.meta.url)('postgres');
