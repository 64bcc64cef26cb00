import { expect, it } from 'vitest';
import { takeTurn } from './queries/turns.ts';

it('work that reads rows runs one after another, also after one that failed', async () => {
  const seen: string[] = [];
  const work = (name: string) => async () => {
    seen.push(`${name} starts`);
    await Promise.resolve();
    if (name === 'b') throw new Error('broken');
    seen.push(`${name} ends`);
    return name;
  };
  const [a, b, c] = await Promise.allSettled([takeTurn(work('a')), takeTurn(work('b')), takeTurn(work('c'))]);
  expect(seen).toEqual(['a starts', 'a ends', 'b starts', 'c starts', 'c ends']);
  expect([a.status, b.status, c.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

it('a ninth question is told to come back', async () => {
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held = Array.from({ length: 8 }, () => takeTurn(() => gate));
  await expect(takeTurn(() => gate)).rejects.toMatchObject({ kind: 'unavailable', code: 'busy' });
  release();
  await Promise.all(held);
  await expect(takeTurn(async () => 'free again')).resolves.toBe('free again');
});

it('whoever leaves while waiting makes room, and their question is never begun', async () => {
  const gate = Promise.withResolvers<void>();
  const held = Array.from({ length: 7 }, () => takeTurn(() => gate.promise));
  const leaves = new AbortController();
  let begun = false;
  const left = takeTurn(async () => {
    begun = true;
  }, leaves.signal);
  await expect(takeTurn(() => gate.promise)).rejects.toMatchObject({ code: 'busy' });
  leaves.abort();
  await expect(left).rejects.toMatchObject({ kind: 'unavailable', code: 'left' });
  held.push(takeTurn(() => gate.promise));
  gate.resolve();
  await Promise.all(held);
  expect(begun).toBe(false);
});
