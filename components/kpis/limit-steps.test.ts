import fc from 'fast-check';
import { expect, it } from 'vitest';
import { movedBy, snapped, stepOf } from './limit-steps.ts';

const press = (key: string, shiftKey = false) => ({ key, shiftKey });
const share = { low: 0.5, high: 1 };

it('moves by a step that fits the axis, ten of them with Shift, and to its ends', () => {
  expect([stepOf(share), stepOf({ low: 0, high: 100 }), stepOf({ low: 0, high: 45_000 })]).toEqual([0.001, 1, 100]);
  expect(movedBy(press('ArrowUp'), 0.76, share)).toBe(0.761);
  expect(movedBy(press('ArrowDown', true), 0.76, share)).toBe(0.75);
  expect(movedBy(press('PageUp'), 0.76, share)).toBe(0.785);
  expect(movedBy(press('End'), 0.76, share)).toBe(1);
  expect(movedBy(press('Enter'), 0.76, share)).toBeNull();
});

it('stays on the axis and on whole steps, whatever is pressed', () => {
  const keys = fc.constantFrom('ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End');
  const domain = fc
    .tuple(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 1000 }))
    .map(([low, length]) => ({ low: low / 100, high: (low + length) / 100 }));
  fc.assert(
    fc.property(domain, fc.array(fc.tuple(keys, fc.boolean())), (held, pressed) => {
      let value = held.low;
      for (const [key, shift] of pressed) value = movedBy(press(key, shift), value, held) ?? value;
      const step = stepOf(held);
      expect(value).toBeGreaterThanOrEqual(held.low - step / 2);
      expect(value).toBeLessThanOrEqual(held.high + step / 2);
      expect(snapped(value, held)).toBe(value);
    }),
  );
});
