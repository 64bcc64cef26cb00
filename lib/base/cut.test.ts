import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cut } from './cut.ts';

it('cuts no character in half', () => {
  expect(cut(`${'x'.repeat(59)}😀 tail`, 60)).toBe('x'.repeat(59));
  expect(cut('short', 60)).toBe('short');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, max) => {
      const beginning = cut(text, max);
      expect(text.startsWith(beginning)).toBe(true);
      expect(beginning.isWellFormed()).toBe(true);
      expect(beginning.length).toBeGreaterThanOrEqual(Math.min(text.length, max) - 1);
    }),
  );
});
