import { newcombe } from '../measurements/intervals.ts';
import type { Segment } from '../measurements/schema.ts';
import type { CheckState, DriftState, ShareCheck } from './schema.ts';

/** Chance of one false sign a window over all columns together. */
export const ALPHA = 0.01;
/** PSI bands of credit scoring: 0.1 is about a third of a standard deviation, 0.25 about half; below 0.05 no reader would care. */
export const SLIGHT = 0.05;
export const CHANGED = 0.1;
export const CHANGED_A_LOT = 0.25;
/** Rise of a share of rows whose 95% lower bound warns, and is critical: one point, five points. */
const SHARE_WARNING = 0.01;
const SHARE_CRITICAL = 0.05;
/** Windows in a row that make an alarm of "changed". */
const CHANGED_IN_A_ROW = 2;

export type DriftLimits = { slight: number; changed: number; changedALot: number };

/** The PSI from which each state holds: its band, or the noise limit where that is higher. */
export function driftLimits(noiseLimit: number): DriftLimits {
  return {
    slight: Math.max(SLIGHT, noiseLimit),
    changed: Math.max(CHANGED, noiseLimit),
    changedALot: Math.max(CHANGED_A_LOT, noiseLimit),
  };
}

/**
 * What a PSI means beside its noise limit (drift.md 6a.2). A window whose limit passes the highest band cannot show that nothing
 * changed, yet it can show a change larger than its noise.
 * @param theory the limit that independent rows would have: only a lack of rows makes it large, whatever the reference's windows taught
 */
export function verdict(psi: number, noiseLimit: number, theory = noiseLimit): DriftState {
  const limits = driftLimits(noiseLimit);
  if (psi >= limits.changedALot) return 'changed_a_lot';
  if (theory > CHANGED_A_LOT) return 'too_few';
  if (psi >= limits.changed) return 'changed';
  return psi >= limits.slight ? 'slight' : 'stable';
}

/**
 * Whether the latest of a column's windows (ascending in time) raises an alarm: at once when it changed a lot, on "changed" only
 * twice in a row. Windows that cannot be judged are passed over, neither confirming nor clearing.
 */
export function alarm(states: readonly DriftState[]): boolean {
  const judged = states.filter((state) => state !== 'too_few');
  if (states.at(-1) === 'too_few' || judged.length === 0) return false;
  if (judged.at(-1) === 'changed_a_lot') return true;
  const recent = judged.slice(-CHANGED_IN_A_ROW);
  return (
    recent.length === CHANGED_IN_A_ROW && recent.every((state) => state === 'changed' || state === 'changed_a_lot')
  );
}

/**
 * `alarm` for the windows of one column as they come, ascending in time: it keeps the last judged states alone, so that a window costs
 * the same in a long range as in a short one.
 * @returns takes the next window's state and says whether it raises an alarm
 */
export function alarms(): (next: DriftState) => boolean {
  let judged: DriftState[] = [];
  return (next) => {
    if (next === 'too_few') return false;
    judged = [...judged, next].slice(-CHANGED_IN_A_ROW);
    return alarm(judged);
  };
}

/** The gravest of some columns' states; where some could not be judged and none changed, that is the answer. */
export function worstState(states: readonly DriftState[]): DriftState {
  const gravity: readonly DriftState[] = ['changed_a_lot', 'changed', 'too_few', 'slight', 'stable'];
  return gravity.find((state) => states.includes(state)) ?? 'too_few';
}

/** A segment in a word or two, as it is addressed: `DE`, `(30, 40]`, `other values`, `no value`. */
export function segmentName(segment: Segment): string {
  if ('category' in segment) return segment.category;
  if ('other' in segment) return 'other values';
  if ('missing' in segment) return 'no value';
  const { above, upTo } = segment;
  if (above === null) return upTo === null ? 'any value' : `≤ ${upTo}`;
  return upTo === null ? `> ${above}` : `(${above}, ${upTo}]`;
}

/** Whether the share of such rows (missing, never seen) rose: by the lower bound of Newcombe's interval of the difference. */
export function shareRise(current: { hits: number; n: number }, reference: { hits: number; n: number }): ShareCheck {
  if (current.n === 0 || reference.n === 0) {
    return { reference: reference.n && reference.hits / reference.n, current: 0, lower: 0, state: 'fine' };
  }
  const { lo } = newcombe(current, reference);
  return {
    reference: reference.hits / reference.n,
    current: current.hits / current.n,
    lower: lo,
    state: shareState(lo),
  };
}

function shareState(lower: number): CheckState {
  if (lower > SHARE_CRITICAL) return 'critical';
  return lower > SHARE_WARNING ? 'warning' : 'fine';
}
