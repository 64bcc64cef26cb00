import { DAY_MS } from '../../base/time.ts';
import { BOARD_WINDOWS, type BoardWindow } from '../schema.ts';

/** Counted back from today, or two instants. */
export type Period = { kind: 'last'; preset: BoardWindow; days: number } | { kind: 'between'; from: Date; to: Date };

export const USUAL = '90d' as const satisfies BoardWindow;
export const USUAL_PERIOD: Period = { kind: 'last', preset: USUAL, days: BOARD_WINDOWS[USUAL] };
/** The same bound as the API's: ten years of days still answer. */
const LONGEST_MS = 3_660 * DAY_MS;
const SHORTEST_MS = DAY_MS / 2;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z$/;

const instantOf = (text: string | undefined): Date | null => {
  const at = text && INSTANT.test(text) ? new Date(text) : null;
  return at && !Number.isNaN(at.getTime()) ? at : null;
};

/** What an address says of the period: `30d`, or `2026-08-01T00:00Z..2026-10-30T00:00Z`; null where it makes no sense. */
export function readPeriod(text: string): Period | null {
  if (Object.hasOwn(BOARD_WINDOWS, text)) {
    const preset = text as BoardWindow;
    return { kind: 'last', preset, days: BOARD_WINDOWS[preset] };
  }
  const [from, to, ...rest] = text.split('..').map(instantOf);
  if (!from || !to || rest.length > 0) return null;
  const length = to.getTime() - from.getTime();
  return length >= SHORTEST_MS && length <= LONGEST_MS ? { kind: 'between', from, to } : null;
}

/** The instants of a period; a preset ends at `now`. */
export function boundsOf(period: Period, now: Date): { from: Date; to: Date } {
  if (period.kind === 'between') return { from: period.from, to: period.to };
  return { from: new Date(now.getTime() - period.days * DAY_MS), to: now };
}

/** The address of a period, to the minute: seconds would say more than whole days hold. */
export function writePeriod(from: Date, to: Date): string {
  const text = (at: Date) => `${at.toISOString().slice(0, 16)}Z`;
  return `${text(from)}..${text(to)}`;
}

/** The panels that may keep a period of their own while the page goes on. */
export const KEEPING = ['focus', 'performance', 'heat', 'distribution'] as const;
export type Keeping = (typeof KEEPING)[number];

/** What an address says of one panel's own period, `performance~30d`; null where it makes no sense. */
export function readKept(text: string): { part: Keeping; w: string } | null {
  const at = text.indexOf('~');
  const part = KEEPING.find((name) => name === text.slice(0, Math.max(0, at)));
  const w = text.slice(at + 1);
  return part && readPeriod(w) ? { part, w } : null;
}

/** The period that a panel keeps; null where it follows the page. */
export const keptBy = (kept: readonly string[], part: Keeping): string | null =>
  kept.map(readKept).findLast((held) => held?.part === part)?.w ?? null;

/** The same list with this panel's period in it, or without the panel; at most one entry a panel. */
export function keeping(kept: readonly string[], part: Keeping, w: string | null): string[] {
  const others = kept.filter((text) => readKept(text) && readKept(text)?.part !== part);
  return w === null ? others : [...others, `${part}~${w}`];
}
