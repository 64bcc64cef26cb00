import { expect, test } from 'vitest';
import { NoTurn, turns } from './turns.ts';

test('no more run than may, the next follows an end or a failure, and whom nobody can wait for is turned away', async () => {
  const inTurn = turns(2, 1);
  const open: { end: () => void; fail: (error: Error) => void }[] = [];
  const work = () => inTurn(() => new Promise<void>((end, fail) => open.push({ end, fail })));
  const [first, second, third] = [work(), work(), work()];
  expect(open).toHaveLength(2);
  await expect(work()).rejects.toThrow(NoTurn);
  open[0]!.fail(new Error('broken'));
  await expect(first).rejects.toThrow('broken');
  await new Promise((done) => setImmediate(done));
  expect(open).toHaveLength(3);
  for (const { end } of open) end();
  await Promise.all([second, third]);
  const later = work();
  expect(open).toHaveLength(4);
  open[3]!.end();
  await later;
});
