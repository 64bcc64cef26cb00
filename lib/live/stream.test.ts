import { afterEach, expect, test } from 'vitest';
import { testDatabase } from '../testing/database.ts';
import { ChangeFeed, eventStream, REPLAY_MAX, STREAMS_PER_PERSON } from './stream.ts';

const { sql } = await testDatabase();
const open: (() => void)[] = [];
afterEach(() => {
  for (const end of open.splice(0)) end();
});

/** What the pump does with a change: it is committed, and published under the next position. */
async function publish(...keys: string[]): Promise<number> {
  const rows = await sql<{ position: string }[]>`
    insert into outbox (at, key, subject_type, subject_id, position)
    select now(), key, 'model', 'one', nextval('outbox_positions') from unnest(${keys}::text[]) key returning position`;
  return Number(rows.at(-1)!.position);
}

/** A listener: the events it was told so far are read one by one. */
function connect(feed: ChangeFeed, from?: number, mayStay = async () => true) {
  const left = new AbortController();
  open.push(() => left.abort());
  const leave = feed.enter('reader')!;
  const ended = Promise.withResolvers<void>();
  const onEnd = () => {
    leave();
    ended.resolve();
  };
  const reader = eventStream(feed, from, { signal: left.signal, mayStay, onEnd }).getReader();
  const told = async () => {
    const { value, done } = await reader.read();
    if (done) return 'end';
    const text = new TextDecoder().decode(value);
    return { event: /^event: (.*)$/m.exec(text)?.[1], data: JSON.parse(/^data: (.*)$/m.exec(text)![1]!) };
  };
  return { told, leave: () => left.abort(), ended: ended.promise };
}

const newFeed = (): ChangeFeed => {
  const feed = new ChangeFeed(sql);
  open.push(() => feed.close());
  return feed;
};
const change = (key: string) => ({
  event: 'change',
  data: { key, subject: { type: 'model', id: 'one' }, model: null },
});

test('what is published as soon as the first listener is there is told', async () => {
  const { told } = connect(newFeed());
  expect(await told()).toMatchObject({ event: 'hello' });
  await publish('first');
  expect(await told()).toEqual(change('first'));
  await publish('second');
  expect(await told()).toEqual(change('second'));
});

test('a listener is told what came after the position it knows, once and in order', async () => {
  const known = await publish('known');
  const keys = Array.from({ length: 1_200 }, (_, n) => `missed ${n}`);
  await publish(...keys);
  const { told } = connect(newFeed(), known);
  expect(await told()).toMatchObject({ event: 'hello', data: { position: known } });
  for (const key of keys) expect(await told()).toEqual(change(key));
  await publish('later');
  expect(await told()).toEqual(change('later'));
});

test('a listener that is far behind begins at the present, for it reads the screen anew', async () => {
  const known = await publish('long ago');
  const latest = await publish(...Array.from({ length: REPLAY_MAX + 1 }, () => 'missed'));
  const { told } = connect(newFeed(), known);
  expect(await told()).toMatchObject({ event: 'hello', data: { position: latest } });
  await publish('later');
  expect(await told()).toEqual(change('later'));
});

test('a second listener hears what the first hears, and one that comes when all had left misses nothing', async () => {
  const feed = newFeed();
  const [one, two] = [connect(feed), connect(feed)];
  await Promise.all([one.told(), two.told()]);
  await publish('for both');
  expect(await Promise.all([one.told(), two.told()])).toEqual([change('for both'), change('for both')]);
  one.leave();
  two.leave();
  await publish('for nobody');
  const late = connect(feed);
  await late.told();
  await publish('for the late one');
  expect(await late.told()).toEqual(change('for the late one'));
});

test('streams end when the process is told to stop', async () => {
  const feed = newFeed();
  const { told } = connect(feed);
  await told();
  feed.close();
  expect(await told()).toBe('end');
});

test('who is dismissed hears no more', async () => {
  let mayStay = true;
  const { told } = connect(newFeed(), undefined, async () => mayStay);
  await told();
  await publish('access.update-user');
  expect(await told()).toEqual(change('access.update-user'));
  mayStay = false;
  await publish('access.update-user');
  expect(await told()).toEqual(change('access.update-user'));
  expect(await told()).toBe('end');
});

test('a reader who does not read is let go before what waits for them fills the memory', async () => {
  const known = await publish('known');
  const keys = Array.from({ length: REPLAY_MAX - 1 }, (_, n) => `${n} ${'x'.repeat(400)}`);
  await publish(...keys);
  const { told, ended } = connect(newFeed(), known);
  await ended;
  let read = 0;
  while ((await told()) !== 'end') read += 1;
  expect(read).toBeGreaterThan(1_000);
  expect(read).toBeLessThan(keys.length);
});

test('one person may have so many streams and gets a place back when one ends', async () => {
  const feed = newFeed();
  const streams = Array.from({ length: STREAMS_PER_PERSON }, () => connect(feed));
  await Promise.all(streams.map(({ told }) => told()));
  expect(feed.enter('reader')).toBeUndefined();
  expect(feed.enter('another')).toBeDefined();
  streams[0]!.leave();
  streams[0]!.leave();
  expect(feed.enter('reader')).toBeDefined();
  expect(feed.enter('reader')).toBeUndefined();
});
