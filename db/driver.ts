import { createRequire, registerHooks } from 'node:module';

/**
 * postgres.js 3.4.9 does not survive the death of a backend under load (porsager/postgres #1066, #1154, #1208): it throws outside any
 * promise, silences pool slots for ever (measured: eight of eight), hands the old connection's error to the next caller, and lets a
 * transaction that lost its connection go on writing in the one that took the slot over. The lines are corrected while the module is
 * loaded; db/driver.test.ts is the gate, and fails when a new release moves them.
 */
export const corrections: { found: string; corrected: string }[] = [
  // A statement that failed after some of its rows left its successor's result with a gap in front.
  {
    found: 'query = results = errorResponse = null',
    corrected: 'query = results = errorResponse = null\n    rows = 0',
  },
  {
    found: 'const x = socket.write(chunk, fn)',
    corrected: `if (!socket) {
      forget()
      return false
    }
    const x = socket.write(chunk, fn)`,
  },
  {
    found: 'async function closed(hadError) {',
    corrected: `function forget() {
    // Who waits for this connection's first answer is served by the next one; everybody else is told.
    const waiting = initial
    initial = null
    nextWriteTimer !== null && clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
    error(Errors.connection('CONNECTION_CLOSED', options))
    query = results = errorResponse = null
    rows = 0
    result = new Result()
    initial = waiting
  }

  async function closed(hadError) {`,
  },
  {
    found: `socket = null

    if (initial)`,
    corrected: `socket = null
    forget()

    if (initial)`,
  },
  { found: 'return fetchArrayTypes()', corrected: 'return fetchArrayTypes().catch(noop)' },
  { found: ', prepare = null', corrected: ', prepare = null\n      , lost = null\n      , start = null' },
  { found: 'connection.onclose = reject)', corrected: 'connection.onclose = (e) => reject(lost = e))' },
  {
    found: 'q.catch(e => uncaughtError || (uncaughtError = e))',
    corrected: 'q.catch(e => uncaughtError || (uncaughtError = e))\n        if (lost) return q.reject(lost)',
  },
  // Not a fault, but a round trip: the first statement of a transaction may travel with its BEGIN, which fails with its
  // connection only, and that fails the statement too.
  {
    found: "await sql.unsafe('begin ' + options.replace(/[^a-z ]/ig, ''), [], { onexecute }).execute()",
    corrected: `const started = new Promise(resolve => start = resolve)
      const begun = sql.unsafe('begin ' + options.replace(/[^a-z ]/ig, ''), [], { onexecute }).execute()
      await Promise.race([started, begun])
      connection.queue === full && move(connection, reserved)`,
  },
  {
    found: 'scope(connection, fn),',
    corrected: 'scope(connection, fn),\n        begun.then(() => new Promise(() => {})),',
  },
  { found: 'connection = c\n', corrected: 'connection = c\n      start()\n' },
  // The connection that worked last has its plans and rows at hand: with the oldest first, one caller makes all of them slow.
  {
    found: 'push: (x) => (xs.push(x), x),',
    corrected: 'push: (x) => (xs.push(x), x),\n    last: () => xs[xs.length - 1],',
  },
  { found: 'return go(open.shift(), query)', corrected: 'return go(open.remove(open.last()), query)' },
];

export function correctDriver(source: string): string {
  return corrections.reduce((text, { found, corrected }) => text.replace(found, () => corrected), source);
}

// The bundler may load this module beside the plain one: corrected twice, the driver would not even parse.
const correctedKey = Symbol.for('plumbline.driverCorrected');
if (!(correctedKey in process)) {
  Object.defineProperty(process, correctedKey, { value: true });
  // Node before 22.15 has no synchronous hooks: there only the handler below protects the process.
  registerHooks?.({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!/\/postgres[^/]*\/(cjs\/)?src\/(connection|index|queue)\.js$/.test(url) || !loaded.source) return loaded;
      return { ...loaded, source: correctDriver(loaded.source.toString()) };
    },
  });
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
