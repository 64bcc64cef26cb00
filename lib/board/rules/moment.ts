const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z$/;

/** What an address says of the pinned moment, `2026-03-12T00:00Z`; null where it makes no sense. */
export const readMoment = (text: string): string | null =>
  INSTANT.test(text) && !Number.isNaN(Date.parse(text)) ? text : null;

/** The address of a moment, to the minute: windows begin and end on minutes. */
export const writeMoment = (at: string): string => `${new Date(at).toISOString().slice(0, 16)}Z`;

type Window = { start: string; end: string };

/** The window that holds a moment. A window is known by its end, so the end is its own and the start its predecessor's. */
export function windowAt<W extends Window>(windows: readonly W[], at: string): W | null {
  const moment = Date.parse(at);
  return windows.find(({ start, end }) => Date.parse(start) < moment && moment <= Date.parse(end)) ?? null;
}

/** The next event after a moment, or the one before it (`by` -1), in a list ascending by time; null at either end. */
export function neighbourAt<E extends { at: string }>(events: readonly E[], held: E | null, by: 1 | -1): E | null {
  if (held === null) return (by > 0 ? events[0] : events.at(-1)) ?? null;
  return events[events.indexOf(held) + by] ?? null;
}
