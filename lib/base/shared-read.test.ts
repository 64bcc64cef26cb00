import { expect, test } from 'vitest';
import { sharedRead } from './shared-read.ts';

/** A read whose every answer is given by hand. */
function byHand() {
  const open: { key: string; give: (value: number) => void; fail: (error: Error) => void }[] = [];
  const read = sharedRead<number>((key) => new Promise((give, fail) => open.push({ key, give, fail })));
  return { open, read };
}
const settle = () => new Promise((done) => setImmediate(done));

test('who comes during a read shares the next one and never takes the older answer', async () => {
  const { open, read } = byHand();
  const first = read('a');
  const [second, third] = [read('a'), read('a')];
  expect(open).toHaveLength(1);
  open[0]!.give(1);
  await settle();
  expect(open).toHaveLength(2);
  const fourth = read('a');
  open[1]!.give(2);
  await settle();
  open[2]!.give(3);
  expect(await Promise.all([first, second, third, fourth])).toEqual([1, 2, 2, 3]);
});

test('different keys do not wait for each other, and nothing is kept afterwards', async () => {
  const { open, read } = byHand();
  const both = [read('a'), read('b')];
  expect(open.map(({ key }) => key)).toEqual(['a', 'b']);
  for (const { give } of open) give(1);
  expect(await Promise.all(both)).toEqual([1, 1]);
  void read('a');
  expect(open).toHaveLength(3);
});

test('a failed read fails its own callers only', async () => {
  const { open, read } = byHand();
  const first = read('a');
  const second = read('a');
  open[0]!.fail(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  await settle();
  open[1]!.give(2);
  expect(await second).toBe(2);
});
