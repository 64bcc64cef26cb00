import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeptTexts } from './kept-texts.ts';

const of = (revision: number, id = 'one') => ({ id, revision });

it('answers a text for exactly the revision it was made of', () => {
  const kept = new KeptTexts(100);
  kept.set('a', of(2), 'second');
  expect([kept.get('a', of(1)), kept.get('a', of(2)), kept.get('a', of(3))]).toEqual([undefined, 'second', undefined]);
  kept.set('a', of(1), 'first, read late');
  expect(kept.get('a', of(2))).toBe('second');
});

it('answers no text of another thing that bears the same name now, however far that has come', () => {
  const kept = new KeptTexts(100);
  kept.set('a', of(5), 'before');
  expect(kept.get('a', of(5, 'another'))).toBeUndefined();
  kept.set('a', of(1, 'another'), 'now');
  expect([kept.get('a', of(5)), kept.get('a', of(1, 'another'))]).toEqual([undefined, 'now']);
});

it('lets go of what nobody asked for the longest', () => {
  const kept = new KeptTexts(9);
  kept.set('a', of(1), 'aa');
  kept.set('b', of(1), 'bb');
  kept.set('c', of(1), 'cc');
  kept.get('a', of(1));
  kept.set('d', of(1), 'dd');
  expect(['a', 'b', 'c', 'd'].map((key) => kept.get(key, of(1)))).toEqual(['aa', undefined, 'cc', 'dd']);
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
        kept.set(key, of(revision), text);
        const held = ['a', 'b', 'c', 'd'].flatMap((one) =>
          [0, 1, 2, 3, 4, 5].flatMap((number) => {
            const text = kept.get(one, of(number));
            return text === undefined ? [] : `${one}${text}`;
          }),
        );
        expect(kept.size).toEqual({ texts: held.length, characters: held.join('').length });
        expect(kept.size.characters).toBeLessThanOrEqual(20);
      }
    }),
  );
});
