import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeptTexts } from './kept-texts.ts';

it('answers a text for exactly the revision it was made of', () => {
  const kept = new KeptTexts(100);
  kept.set('a', 2, 'second');
  expect([kept.get('a', 1), kept.get('a', 2), kept.get('a', 3)]).toEqual([undefined, 'second', undefined]);
  kept.set('a', 1, 'first, read late');
  expect(kept.get('a', 2)).toBe('second');
});

it('lets go of what nobody asked for the longest', () => {
  const kept = new KeptTexts(6);
  kept.set('a', 1, 'aa');
  kept.set('b', 1, 'bb');
  kept.set('c', 1, 'cc');
  kept.get('a', 1);
  kept.set('d', 1, 'dd');
  expect(['a', 'b', 'c', 'd'].map((key) => kept.get(key, 1))).toEqual(['aa', undefined, 'cc', 'dd']);
});

it('never holds more characters than it may, whatever is kept', () => {
  const act = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    revision: fc.nat(5),
    text: fc.string({ maxLength: 12 }),
  });
  fc.assert(
    fc.property(fc.array(act), (acts) => {
      const kept = new KeptTexts(20);
      for (const { key, revision, text } of acts) {
        kept.set(key, revision, text);
        const held = ['a', 'b', 'c', 'd'].flatMap((one) =>
          [0, 1, 2, 3, 4, 5].flatMap((number) => kept.get(one, number) ?? []),
        );
        expect(kept.size).toEqual({ texts: held.length, characters: held.join('').length });
        expect(kept.size.characters).toBeLessThanOrEqual(20);
      }
    }),
  );
});
