import { scaleLinear, scaleLog, scaleUtc } from 'd3-scale';
import { area, line } from 'd3-shape';
import { HOUR_MS } from '../../lib/base/time.ts';

export type Plotted = { at: string; value: number | null; lo?: number | null; hi?: number | null };
/**
 * `over`: beyond its limit. `hollow`: too few rows to judge; `seen` is then where it is marked without being part of the line.
 * `open`: the window is not over yet, so its figure will still change.
 */
export type LinePoint = Plotted & { over?: boolean; hollow?: boolean; seen?: number | null; open?: boolean };
export type Margin = { top: number; right: number; bottom: number; left: number };

export const timeScale = (from: string, to: string, width: number, margin: Margin) =>
  scaleUtc()
    .domain([new Date(from), new Date(to)])
    .range([margin.left, Math.max(margin.left + 1, width - margin.right)]);
export type TimeScale = ReturnType<typeof timeScale>;

/** The least and the greatest, of any number of values: a call takes no more than some hundred thousand arguments. */
export function extremes(values: readonly number[]): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

export function valueScale(values: readonly number[], height: number, margin: Margin): ValueScale {
  const [low, high] = extremes(values);
  const pad = (high - low || Math.abs(high) || 1) * 0.12;
  // A figure that cannot be negative gets no room below nought.
  const floor = low >= 0 ? Math.max(0, low - pad) : low - pad;
  // A share ends at one: an axis up to 120 % would suggest that there is more.
  const roof = low >= 0 && high <= 1 ? Math.min(1, high + pad) : high + pad;
  return scaleLinear()
    .domain([floor, roof])
    .range([height - margin.bottom, margin.top])
    .nice(4);
}
/** Both kinds of axis: where a value lies, which values are named, and from where to where it runs in pixels. */
export type ValueScale = {
  (value: number): number;
  ticks(count: number): number[];
  range(): number[];
  invert(place: number): number;
};

/** From here on the small values lie on one another at the foot of a linear axis. */
const LOG_FROM = 100;
/** Named within a decade where there is room: on a logarithmic axis these are evenly enough apart. */
const WITHIN_DECADE = new Set([1, 3]);

const positive = (values: readonly number[]): number[] => values.filter((value) => value > 0);

/** Whether a logarithmic axis would show more: the largest value is over a hundred times the smallest that is not nought. */
export function spansDecades(values: readonly (number | null)[]): boolean {
  const held = positive(values.filter((value) => value !== null));
  const [low, high] = extremes(held);
  return held.length > 1 && high > LOG_FROM * low;
}

/** A logarithmic axis over the positive values; what is nought or less has no place on it and is drawn at its foot. */
export function logScale(values: readonly number[], height: number, margin: Margin): ValueScale {
  const held = positive(values);
  const [low, high] = held.length > 0 ? extremes(held) : [0.1, 1];
  const [foot, roof] = [low / 1.2, high * 1.2];
  const scale = scaleLog()
    .domain([foot, roof])
    .range([height - margin.bottom, margin.top]);
  const ticks = (count: number): number[] => {
    const all = scale.ticks();
    const decades = all.filter((tick) => tick.toExponential().startsWith('1e'));
    const finer = all.filter((tick) => WITHIN_DECADE.has(Number(tick.toExponential(0)[0])));
    if (finer.length <= count + 1) return finer;
    const every = Math.ceil(decades.length / Math.max(1, count));
    return decades.filter((_, i) => i % every === 0);
  };
  return Object.assign((value: number) => scale(Math.max(foot, value)), {
    ticks,
    range: () => scale.range(),
    invert: (place: number) => scale.invert(place),
  });
}

/** Missing points are gaps: a line across them would claim a measurement nobody made. */
export function linePath(points: readonly Plotted[], x: TimeScale, y: ValueScale): string {
  const draw = line<Plotted>()
    .defined((point) => point.value !== null)
    .x((point) => round(x(new Date(point.at))))
    .y((point) => round(y(point.value ?? 0)));
  return draw([...points]) ?? '';
}

/**
 * The line up to the last window that is over, and from there on the rest: it is drawn otherwise, because its figures will
 * still change.
 */
export function splitOpen(points: readonly LinePoint[]): { closed: LinePoint[]; open: LinePoint[] } {
  const first = points.findIndex(({ open }) => open);
  if (first < 0) return { closed: [...points], open: [] };
  return { closed: points.slice(0, first), open: points.slice(Math.max(0, first - 1)) };
}

export function bandPath(points: readonly Plotted[], x: TimeScale, y: ValueScale): string {
  const draw = area<Plotted>()
    .defined((point) => point.lo != null && point.hi != null)
    .x((point) => round(x(new Date(point.at))))
    .y0((point) => round(y(point.lo ?? 0)))
    .y1((point) => round(y(point.hi ?? 0)));
  return draw([...points]) ?? '';
}

/** A limit as it was in force: steps where it was changed, nothing where there was none. */
export function stepPath(
  steps: readonly { at: string; value: number | null }[],
  from: string,
  x: TimeScale,
  y: ValueScale,
): string {
  let path = '';
  let at = x(new Date(from));
  let held: number | null = null;
  for (const step of steps) {
    const next = round(x(new Date(step.at)));
    if (step.value !== null) path += held === step.value ? `H${next}` : `M${round(at)},${round(y(step.value))}H${next}`;
    held = step.value;
    at = next;
  }
  return path;
}

export type NoiseWindow = { start: string; end: string; limit: number | null };

/**
 * What chance alone can reach, window by window: it varies with the rows of each, so it is drawn in steps. A window without
 * a limit leaves a hole; a limit beyond the plot is cut off at its edge.
 */
export function noisePath(windows: readonly NoiseWindow[], x: TimeScale, y: ValueScale): string {
  const [floor = 0, roof = 0] = y.range();
  return windows
    .map(({ start, end, limit }) => {
      if (limit === null) return '';
      const [from, to] = [round(x(new Date(start))), round(x(new Date(end)))];
      return `M${from},${round(floor)}V${round(Math.max(roof, y(limit)))}H${to}V${round(floor)}Z`;
    })
    .join('');
}

/** Where a window is marked: at its end, or, where that is still to come, at the end of the axis. */
export const markedAt = ({ end }: { end: string }, to: string): string => (Date.parse(end) > Date.parse(to) ? to : end);

type Span = { start: string; end: string };
/** A clock change makes a day an hour longer or shorter; a hole is at least half a day. */
const HOLE_MS = 12 * HOUR_MS;

/** The windows with every hole between them as a window of its own, so that no line is drawn across days without data. */
export function withHoles<W extends Span, H>(windows: readonly W[], hole: (span: Span) => H): (W | H)[] {
  return windows.flatMap((window, i): (W | H)[] => {
    const before = windows[i - 1];
    const apart = before ? Date.parse(window.start) - Date.parse(before.end) : 0;
    return before && apart >= HOLE_MS ? [hole({ start: before.end, end: window.start }), window] : [window];
  });
}

/** Points with a gap on either side would be invisible as a line. */
export const lonely = <P extends Plotted>(points: readonly P[]): P[] =>
  points.filter(
    (point, i) =>
      point.value !== null && (points[i - 1]?.value ?? null) === null && (points[i + 1]?.value ?? null) === null,
  );

/** Events closer than this cannot be told apart or hit with a finger; they are drawn as one with a count. */
const CLUSTER_PX = 26;
export function clusters<E extends { at: string }>(events: readonly E[], x: TimeScale): { x: number; events: E[] }[] {
  const found: { x: number; events: E[] }[] = [];
  for (const event of [...events].sort((a, b) => a.at.localeCompare(b.at))) {
    const at = round(x(new Date(event.at)));
    const last = found.at(-1);
    if (last && at - last.x < CLUSTER_PX) last.events.push(event);
    else found.push({ x: at, events: [event] });
  }
  return found;
}

export function nearest(points: readonly { at: string }[], at: number): number {
  let best = -1;
  let distance = Number.POSITIVE_INFINITY;
  points.forEach((point, i) => {
    const away = Math.abs(Date.parse(point.at) - at);
    if (away < distance) [best, distance] = [i, away];
  });
  return best;
}

/** Server and browser must write the same digits, or React reports a mismatch. */
export const round = (value: number): number => Math.round(value * 10) / 10;
