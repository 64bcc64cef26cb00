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
