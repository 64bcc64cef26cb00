'use client';

import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { useWords } from '../board/context.tsx';
import type { ValueScale } from '../charts/kernel.ts';
import { useDraftLimit } from './draft-limit.ts';
import { movedBy, snapped } from './limit-steps.ts';

/** A finger's or a pointer's room for the line. */
const GRIP_PX = 24;

type Props = { kpi: string; name: string; unit: string; y: ValueScale };

/**
 * The limit that is being edited, on its chart: dragged by its line or moved with the keys, it writes to the field of the editor,
 * which stays the first way. Nothing is saved by it. The saved line stays where it is.
 */
export function LimitHandle({ kpi, name, unit, y }: Props) {
  const draft = useDraftLimit(kpi);
  const words = useWords();
  const frame = useRef(0);
  const [drag, setDrag] = useState<{ from: number; value: number; at: number } | null>(null);
  if (!draft) return null;
  const [foot = 0, roof = 0] = y.range();
  const domain = { low: y.invert(foot), high: y.invert(roof) };
  const value = drag?.value ?? draft.value;
  const place = Math.max(roof, Math.min(foot, y(value)));

  const write = (next: number) => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => draft.set(next));
  };
  const grab = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ from: place, value, at: event.clientY });
  };
  const pull = (event: PointerEvent<HTMLElement>) => {
    if (!drag) return;
    const next = snapped(y.invert(drag.from + event.clientY - drag.at), domain);
    if (next === drag.value) return;
    setDrag({ ...drag, value: next });
    write(next);
  };
  const drop = () => setDrag(null);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      drop();
      return write(draft.saved);
    }
    const next = movedBy(event, draft.value, domain);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    draft.set(next);
  };
  const held = { onPointerDown: grab, onPointerMove: pull, onPointerUp: drop, onPointerCancel: drop };
  return (
    <div className="pointer-events-none absolute inset-x-0" style={{ top: place - GRIP_PX / 2, height: GRIP_PX }}>
      <span
        aria-hidden
        {...held}
        className="pointer-events-auto absolute inset-y-1.5 right-2 left-[46px] cursor-ns-resize touch-none"
      >
        <span className="absolute inset-x-0 top-1/2 border-t-2 border-dashed border-ink" />
      </span>
      <span
        role="slider"
        tabIndex={0}
        aria-orientation="vertical"
        aria-label={`Limit of ${name}, not saved yet`}
        aria-valuemin={domain.low}
        aria-valuemax={domain.high}
        aria-valuenow={value}
        aria-valuetext={`${words.amount(value, unit)}, ${draft.outcome}`}
        title={`Limit, not saved yet: ${words.amount(value, unit)}, ${draft.outcome}`}
        onKeyDown={onKeyDown}
        {...held}
        className="pointer-events-auto absolute left-0 flex h-6 min-w-6 cursor-ns-resize touch-none items-center justify-center rounded-sm border border-ink bg-panel px-1 text-xs font-semibold"
      >
        ↕ {words.amount(value, unit)}
      </span>
    </div>
  );
}
