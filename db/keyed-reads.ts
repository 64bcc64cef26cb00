import { clientFor, type Db } from './client.ts';

export type KeyedRead<R> = (db: Db, key: string) => Promise<R | undefined>;

type Waiting = { give: (answer: unknown) => void; fail: (error: unknown) => void };
/** What was asked in one turn of the event loop: of each read the keys, of each key who waits for it. */
type Batch = Map<number, Map<string, Waiting[]>>;

type Read = { text: string; parse: (answer: string) => unknown };
const known: Read[] = [];
const batches = new WeakMap<object, Batch>();

/**
 * A read by key. Those that are asked for in one turn of the event loop, of one request or of many, travel as one
 * statement, because a system call and a switch of processes cost more than finding a row; the same key is looked up
 * once. The statement is sent after everybody has asked: nobody is told of a time before the question.
 * @param text selects `key` and `answer` (of any type) of what has one of the keys `$keys` (text[]), a row for each at
 *   most; it may neither fail nor take long for any key, because the others of its turn wait for it
 * @param parse what the answer means, as Postgres writes it
 */
export function keyedRead<R>(text: string, parse: (answer: string) => R = JSON.parse): KeyedRead<R> {
  const read = known.push({ text, parse }) - 1;
  return (db, key) => new Promise((give, fail) => ask(db, read, key, { give: give as Waiting['give'], fail }));
}

/** No text column holds it, and the statement of all the others would be refused as well. */
const hasNul = (key: string): boolean => key.includes('\0');
const untranslatable = (): Error =>
  Object.assign(new Error('invalid byte sequence for encoding "UTF8": 0x00'), { code: '22021' });

function ask(db: Db, read: number, key: string, waiting: Waiting): void {
  if (hasNul(key)) {
    waiting.fail(untranslatable());
    return;
  }
  const client = clientFor(db);
  let batch = batches.get(client);
  if (!batch) {
    batch = new Map();
    batches.set(client, batch);
    setImmediate(send, client);
  }
  const keys = batch.get(read);
  if (!keys) batch.set(read, new Map([[key, [waiting]]]));
  else if (!keys.get(key)?.push(waiting)) keys.set(key, [waiting]);
}

type Row = { read: number; key: string; answer: string };

async function send(client: ReturnType<typeof clientFor>): Promise<void> {
  const batch = batches.get(client)!;
  batches.delete(client);
  const reads = [...batch.keys()].sort((a, b) => a - b);
  const found = new Map<Waiting[] | undefined, unknown>();
  try {
    const values = reads.map((read) => [...batch.get(read)!.keys()]);
    const rows = await client.unsafe<Row[]>(statementOf(reads), values, { prepare: true });
    for (const { read, key, answer } of rows) found.set(batch.get(read)?.get(key), known[read]!.parse(answer));
  } catch (error) {
    for (const keys of batch.values()) for (const waiting of keys.values()) for (const { fail } of waiting) fail(error);
    return;
  }
  for (const keys of batch.values())
    for (const waiting of keys.values()) for (const { give } of waiting) give(found.get(waiting));
}

const statements = new Map<string, string>();

/** The reads side by side; which of them meet is few, so that each text is prepared once on its connection. */
function statementOf(reads: number[]): string {
  const name = reads.join();
  const made = statements.get(name);
  if (made) return made;
  const text = reads
    .map(
      (read, i) =>
        `select ${read} as read, key, answer::text from (${known[read]!.text.replaceAll('$keys', `$${i + 1}::text[]`)}) found`,
    )
    .join(' union all ');
  statements.set(name, text);
  return text;
}
