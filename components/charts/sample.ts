/** No chart draws more points than this, however wide it is. */
export const POINTS_MAX = 1_000;

export type Sampled = {
  /** Places of the points to draw, ascending; a place without a value is a gap. */
  places: number[];
  /** How many windows stand behind one drawn pair of points, at most; 1 when all are drawn. */
  windows: number;
};

type Point = { value: number | null; over?: boolean };

/**
 * Chooses which windows a chart draws when there are more of them than pixels. They are cut into equal runs, and of each
 * run the lowest and the highest are drawn (min-max decimation, as M4 by Jugel and others 2014, without its first and last).
 * The first, the last, every window over its limit and every window in `keep` is drawn always, and a gap stays a gap:
 * between two drawn points with a missing one between them, one missing point is kept.
 * @param limit points to draw at most; exceeded only where the windows that are always drawn need more
 * @param keep places that must be drawn, such as the windows of events
 */
export function sample(points: readonly Point[], limit: number, keep: ReadonlySet<number> = new Set()): Sampled {
  const most = Math.max(4, Math.min(POINTS_MAX, Math.floor(limit)));
  if (points.length <= most) return { places: points.map((_, place) => place), windows: 1 };
  const last = points.length - 1;
  const always = (place: number) => place === 0 || place === last || points[place]?.over === true || keep.has(place);
  const held = points.flatMap((_, place) => (always(place) ? [place] : []));
  const size = Math.ceil(points.length / runsThatFit(most, held.length, gapsOf(points)));
  const chosen = new Set(held);
  for (let from = 0; from < points.length; from += size) {
    for (const place of extremes(points, from, Math.min(points.length, from + size))) chosen.add(place);
  }
  return { places: withGaps(points, chosen), windows: size };
}

/** Each run adds two points and each gap one; a gap is drawn only between two points that are. */
function runsThatFit(most: number, held: number, gaps: number): number {
  const everyGap = Math.floor((most - held - gaps) / 2);
  const gapEachTime = Math.floor(((most - 1) / 2 - held) / 2);
  return Math.max(1, everyGap, gapEachTime);
}

const missing = (point: Point | undefined): boolean => point?.value === null;

const gapsOf = (points: readonly Point[]): number =>
  points.filter((point, place) => missing(point) && !missing(points[place - 1])).length;

function extremes(points: readonly Point[], from: number, to: number): number[] {
  let [low, high] = [-1, -1];
  for (let place = from; place < to; place += 1) {
    const value = points[place]?.value ?? null;
    if (value === null) continue;
    if (low < 0 || value < points[low]!.value!) low = place;
    if (high < 0 || value > points[high]!.value!) high = place;
  }
  return low < 0 ? [] : [low, high];
}

function withGaps(points: readonly Point[], chosen: ReadonlySet<number>): number[] {
  const places: number[] = [];
  let gap = -1;
  points.forEach((point, place) => {
    if (missing(point) && gap < 0) gap = place;
    if (!chosen.has(place)) return;
    if (gap >= 0 && gap < place) places.push(gap);
    places.push(place);
    gap = -1;
  });
  return places;
}

/** What a chart that leaves windows out says of itself; empty when it leaves out none. */
export const sampledWords = ({ windows }: Sampled): string =>
  windows === 1 ? '' : `1 point = up to ${windows} windows: the lowest, the highest, and all over the limit.`;
