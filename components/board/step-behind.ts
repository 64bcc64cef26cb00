import { useDeferredValue } from 'react';
import { useBoard } from './context.tsx';

/**
 * The board as it was a step ago, for the parts that take long to draw: a key or a click is answered by what it touched first.
 * `here` is false while that is another model: no figure of the former one may stand under the name of the next.
 */
export function useStepBehind() {
  const now = useBoard();
  const held = useDeferredValue(now);
  const drawn = held.panel?.model.name;
  return { now, held, drawn, here: drawn === now.panel?.model.name };
}
